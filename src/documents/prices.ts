/**
 * List prices in US dollars per million tokens, global standard, by the usual name of a deployment: as models.dev has them for
 * Azure and OpenAI alike (July 2026; it is not Microsoft's own page). An estimate for people, never a bill: discounts, regions,
 * provisioned throughput, and the higher price of gpt-5.4 and gpt-5.5 beyond 272,000 tokens of context are not in it.
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
  'gpt-5.1': { input: 1.25, cachedInput: 0.125, output: 10 },
  'gpt-5.2': { input: 1.75, cachedInput: 0.175, output: 14 },
  'gpt-5.4': { input: 2.5, cachedInput: 0.25, output: 15 },
  'gpt-5.4-mini': { input: 0.75, cachedInput: 0.075, output: 4.5 },
  'gpt-5.4-nano': { input: 0.2, cachedInput: 0.02, output: 1.25 },
  'gpt-5.5': { input: 5, cachedInput: 0.5, output: 30 },
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
