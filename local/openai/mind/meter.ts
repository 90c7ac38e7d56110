import type { Item, Usage } from '../turn.ts';
import { textsOf, type Tokenizer } from '../tokens.ts';
import { fieldsOf, isFields, listOf, stringOf } from './values.ts';

/** Counts what is put out, and cuts the item that goes over the limit. */
export class Meter {
  private output = 0;
  private reasoning = 0;
  private readonly limit: number;
  private readonly tokenizer: Tokenizer;

  constructor(limit: number, tokenizer: Tokenizer) {
    this.limit = limit;
    this.tokenizer = tokenizer;
  }

  /**
   * Counts an item. Gives it whole, or cut, or nothing of it, and says whether the limit was reached.
   * `hidden` are the tokens that a sealed item stands for.
   */
  take(item: Item, hidden: number): { item: Item | undefined; full: boolean } {
    const left = this.limit - this.output;
    if (item.type === 'reasoning') return this.think(item, Math.min(hidden, left), hidden > left);
    if (item.type === 'compaction') {
      this.output += hidden;
      return { item, full: false };
    }
    const cost = this.cost(item);
    if (cost <= left) {
      this.output += cost;
      return { item, full: false };
    }
    this.output = this.limit;
    return { item: left > 0 ? cutItem(item, left, this.tokenizer) : undefined, full: true };
  }

  usage(input: number, cached: number): Usage {
    return {
      input_tokens: input,
      input_tokens_details: { cached_tokens: cached },
      output_tokens: this.output,
      output_tokens_details: { reasoning_tokens: this.reasoning },
      total_tokens: input + this.output,
    };
  }

  private think(item: Item, tokens: number, full: boolean): { item: Item; full: boolean } {
    this.reasoning += tokens;
    this.output += tokens;
    return { item, full };
  }

  /** What the model wrote: images, tool results and the lists of servers are not its own words. */
  private cost(item: Item): number {
    if (NOT_WRITTEN.has(item.type)) return 0;
    const written = item.type === 'mcp_call' ? { type: item.type, id: '', arguments: item['arguments'] } : item;
    return textsOf(written).reduce((sum, text) => sum + this.tokenizer.count(text), 0);
  }
}

const NOT_WRITTEN = new Set(['mcp_list_tools', 'image_generation_call', 'file_search_call']);

/** The first `left` tokens of an item, marked incomplete; `undefined` for kinds that cannot be cut. */
function cutItem(item: Item, left: number, tokenizer: Tokenizer): Item | undefined {
  const first = (text: string): string => tokenizer.split(text).slice(0, left).join('');
  if (item.type === 'message') {
    const part = fieldsOf(listOf(item['content'])[0]);
    const key = part['type'] === 'refusal' ? 'refusal' : 'text';
    const text = first(stringOf(part[key]) ?? '');
    const cut = { ...part, [key]: text, ...(key === 'text' && cutExtras(part, text, left)) };
    return { ...item, status: 'incomplete', content: [cut] };
  }
  for (const key of ['arguments', 'input', 'code']) {
    const text = stringOf(item[key]);
    if (text !== undefined) return { ...item, status: 'incomplete', [key]: first(text) };
  }
  return undefined;
}

/** Annotations and likelihoods of what was cut off go too. */
function cutExtras(part: Readonly<Record<string, unknown>>, text: string, left: number): Record<string, unknown> {
  return {
    annotations: listOf(part['annotations']).filter(
      (entry) => !isFields(entry) || Number(entry['end_index'] ?? 0) <= text.length,
    ),
    logprobs: listOf(part['logprobs']).slice(0, left),
  };
}
