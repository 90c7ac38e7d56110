/**
 * List prices of Azure OpenAI, global standard, in US dollars per million tokens (pricing page, autumn 2026), by the usual
 * name of a deployment. An estimate for people, never a bill: discounts, regions and provisioned throughput are not in it.
 */
const LIST_PRICES: Readonly<Record<string, { input: number; cachedInput: number; output: number }>> = {
  'gpt-4.1': { input: 2, cachedInput: 0.5, output: 8 },
  'gpt-4.1-mini': { input: 0.4, cachedInput: 0.1, output: 1.6 },
  'gpt-4.1-nano': { input: 0.1, cachedInput: 0.025, output: 0.4 },
  'gpt-4o': { input: 2.5, cachedInput: 1.25, output: 10 },
  'gpt-4o-mini': { input: 0.15, cachedInput: 0.075, output: 0.6 },
  'gpt-5': { input: 1.25, cachedInput: 0.125, output: 10 },
  'gpt-5-mini': { input: 0.25, cachedInput: 0.025, output: 2 },
  'gpt-5-nano': { input: 0.05, cachedInput: 0.005, output: 0.4 },
  o3: { input: 2, cachedInput: 0.5, output: 8 },
  'o4-mini': { input: 1.1, cachedInput: 0.275, output: 4.4 },
};

const MILLION = 1_000_000;

export interface TokenCounts {
  input: number;
  cachedInput: number;
  output: number;
}

/** US dollars at list price; undefined for a model whose price is not known here. */
export function costOf(model: string, tokens: TokenCounts): number | undefined {
  // The service names a model with its date: gpt-4.1-2025-04-14.
  const price = LIST_PRICES[model] ?? LIST_PRICES[model.replace(/-\d{4}-\d{2}-\d{2}$/, '')];
  if (price === undefined) return undefined;
  const { input, cachedInput, output } = tokens;
  const dollars = (input - cachedInput) * price.input + cachedInput * price.cachedInput + output * price.output;
  return Math.round(dollars) / MILLION;
}
