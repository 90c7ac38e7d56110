import { z } from 'zod';

const about = z.looseObject({
  type: z.string(),
  item_id: z.string().optional(),
  output_index: z.number().optional(),
  content_index: z.number().optional(),
  summary_index: z.number().optional(),
  item: z.looseObject({ id: z.string(), type: z.string() }).optional(),
  /** Text, or for the output of a shell an object. */
  delta: z.unknown().optional(),
  response: z.looseObject({ output: z.array(z.looseObject({ id: z.string() })).optional() }).optional(),
});

type About = z.infer<typeof about>;

/** Where the whole text stands in an event that ends one. */
const TEXT_KEYS = ['text', 'refusal', 'arguments', 'input', 'code', 'diff'] as const;

interface Opened {
  id: string;
  type: string;
  done: boolean;
  /** Parts that were announced, and whether each is done. */
  parts: Map<string, boolean>;
}

/**
 * The order in which a stream tells of its items: each is announced, is spoken of only while it is open, and ends as what it
 * began; its parts likewise; deltas add up to the text that ends them; the response holds what was ended, in its order.
 * As in recorded streams (vercel/ai, `__fixtures__`), and as Open Responses demands.
 */
export class StreamOrder {
  readonly faults: string[] = [];
  readonly #items: Opened[] = [];
  readonly #texts = new Map<string, string>();

  take(event: unknown): void {
    const parsed = about.safeParse(event);
    if (!parsed.success) return;
    const { data } = parsed;
    if (data.type === 'response.completed') this.#compare(data.response?.output ?? []);
    if (data.output_index === undefined) return;
    if (data.type === 'response.output_item.added') this.#open(data, data.output_index);
    else this.#inside(data, data.output_index, event);
  }

  #open({ item }: About, index: number): void {
    if (index !== this.#items.length) this.faults.push(`item ${index} is announced as number ${this.#items.length}`);
    this.#items.push({ id: item?.id ?? '', type: item?.type ?? '', done: false, parts: new Map() });
  }

  #inside(event: About, index: number, raw: unknown): void {
    const item = this.#items[index];
    if (item === undefined || item.done) {
      this.faults.push(`${event.type}: item ${index} is not open`);
      return;
    }
    const id = event.item?.id ?? event.item_id ?? item.id;
    if (id !== item.id) this.faults.push(`${event.type}: item ${index} is ${item.id}, not ${id}`);
    if (event.type === 'response.output_item.done') this.#close(event, item);
    else this.#part(event, item);
    this.#text(event, raw);
  }

  #close(event: About, item: Opened): void {
    if (event.item?.type !== item.type) this.faults.push(`${item.id} began as ${item.type}`);
    for (const [part, done] of item.parts) if (!done) this.faults.push(`${item.id} ends with part ${part} open`);
    item.done = true;
  }

  #part({ type, content_index, summary_index }: About, item: Opened): void {
    const place = content_index === undefined ? `summary ${summary_index}` : `content ${content_index}`;
    if (content_index === undefined && summary_index === undefined) return;
    const state = item.parts.get(place);
    if (type.endsWith('_part.added')) {
      if (state !== undefined) this.faults.push(`${type}: ${place} of ${item.id} is announced twice`);
      item.parts.set(place, false);
      return;
    }
    if (state !== false) this.faults.push(`${type}: ${place} of ${item.id} is not open`);
    if (type.endsWith('_part.done')) item.parts.set(place, true);
  }

  #text(event: About, raw: unknown): void {
    const { type, output_index, content_index, summary_index, delta } = event;
    const place = [type.replace(/\.(delta|done)$/, ''), output_index, content_index, summary_index].join();
    if (typeof delta === 'string') {
      this.#texts.set(place, (this.#texts.get(place) ?? '') + delta);
      return;
    }
    const whole = type.endsWith('.done') ? textOf(raw) : undefined;
    if (whole === undefined || whole === (this.#texts.get(place) ?? '')) return;
    this.faults.push(`${type}: the deltas do not add up to the text`);
  }

  #compare(output: readonly { id: string }[]): void {
    const open = this.#items.filter(({ done }) => !done);
    if (open.length > 0) this.faults.push(`ends with items open: ${open.map(({ id }) => id).join()}`);
    const told = this.#items.map(({ id }) => id).join();
    const held = output.map(({ id }) => id).join();
    if (told !== held) this.faults.push(`told of ${told}, but holds ${held}`);
  }
}

function textOf(event: unknown): string | undefined {
  if (typeof event !== 'object' || event === null) return undefined;
  const fields = new Map(Object.entries(event));
  for (const key of TEXT_KEYS) {
    const value: unknown = fields.get(key);
    if (typeof value === 'string') return value;
  }
  return undefined;
}
