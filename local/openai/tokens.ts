import type { Item, Turn } from './turn.ts';
import { liveItems } from './mind/conversation.ts';
import { readDocument } from './mind/input/documents.ts';
import { readPicture } from './mind/input/pictures.ts';
import { shownAtFirst } from './mind/tools/offered.ts';
import { fieldsOf, listOf, stringOf, type Fields } from './mind/values.ts';

/** The o200k vocabulary, loaded. */
export interface Tokenizer {
  /** Number of tokens; exact, but for unbroken runs of over 256 characters, which are counted in slices. */
  count(text: string): number;
  /** The tokens as text, in order; joined they give the text again. */
  split(text: string): string[];
}

/** Every message costs this much besides its text (role and separators). */
const TOKENS_PER_ITEM = 4;
/** An image of low detail, and each 512-pixel tile of one of high detail (OpenAI's rule for the gpt-4o family). */
const TOKENS_PER_IMAGE = 85;
const TOKENS_PER_TILE = 170;
/** A PDF page goes into the context as text and as a picture: 768 x 1024 pixels, four tiles. */
const TOKENS_PER_PAGE_PICTURE = TOKENS_PER_IMAGE + 4 * TOKENS_PER_TILE;

let loading: Promise<Tokenizer> | undefined;

/** Loads the vocabulary (about 0.2 s and 60 MB) at the first call; later calls give the same. */
export function loadTokenizer(): Promise<Tokenizer> {
  return (loading ??= build());
}

/** Longest text whose count is kept, and how many are kept. */
const MAX_KEPT_CHARS = 4_000;
const MAX_KEPT = 5_000;
/** A longer run without a space would make the merge loop quadratic. */
const MAX_RUN_CHARS = 256;
const SLICES = new RegExp(String.raw`\s{0,${MAX_RUN_CHARS}}\S{1,${MAX_RUN_CHARS}}|\s{1,${MAX_RUN_CHARS}}`, 'g');

async function build(): Promise<Tokenizer> {
  const { countTokens, encode, decode } = await import('gpt-tokenizer/encoding/o200k_base');
  // Text such as "<|endoftext|>" is text here, not a command.
  const options = { disallowedSpecial: new Set<string>() };
  const kept = new Map<string, number>();
  const countWhole = (text: string): number => {
    if (!hasLongRun(text)) return countTokens(text, options);
    return (text.match(SLICES) ?? []).reduce((sum, slice) => sum + countTokens(slice, options), 0);
  };
  return {
    count(text) {
      if (text.length > MAX_KEPT_CHARS) return countWhole(text);
      const known = kept.get(text);
      if (known !== undefined) return known;
      if (kept.size >= MAX_KEPT) kept.clear();
      const count = countWhole(text);
      kept.set(text, count);
      return count;
    },
    split: (text) =>
      wholeCharacters(
        encode(text, options).map((token) => decode([token])),
        text,
      ),
  };
}

/** By hand, because a pattern takes ten times as long over megabytes. */
function hasLongRun(text: string): boolean {
  let run = 0;
  let spaces = false;
  for (let at = 0; at < text.length && run <= MAX_RUN_CHARS; at++) {
    const space = text.charCodeAt(at) <= 32;
    run = space === spaces ? run + 1 : 1;
    spaces = space;
  }
  return run > MAX_RUN_CHARS;
}

/** A character of several tokens decodes to fragments: such tokens are joined until the text fits again. */
function wholeCharacters(pieces: readonly string[], text: string): string[] {
  if (!pieces.some((piece) => piece.includes('\ufffd'))) return [...pieces];
  return text.match(/\s*\S{1,4}|\s+/gu) ?? [];
}

/** What of a turn is counted. */
export type Countable = Pick<Turn, 'request' | 'context' | 'readFile' | 'signal'>;

/** Input tokens of a request: instructions, tools, format and every item, with the images and documents in them. */
export async function countInputTokens(turn: Countable): Promise<number> {
  const tokenizer = await loadTokenizer();
  let sum = countOverhead(turn.request, tokenizer);
  for (const item of liveItems(turn.context)) {
    const tokens = countItem(item, turn, tokenizer);
    sum += typeof tokens === 'number' ? tokens : await tokens;
  }
  return sum;
}

/** Tokens of what goes along with the items: instructions, tools and the schema of the answer. */
export function countOverhead(request: Fields, tokenizer: Tokenizer): number {
  const instructions = stringOf(request['instructions']);
  const format = fieldsOf(fieldsOf(request['text'])['format'])['schema'];
  let sum = instructions === undefined ? 3 : TOKENS_PER_ITEM + tokenizer.count(instructions);
  for (const tool of listOf(request['tools']).map(fieldsOf)) {
    sum += TOKENS_PER_ITEM + tokenizer.count(JSON.stringify(shownAtFirst(tool)));
  }
  if (format !== undefined) sum += tokenizer.count(JSON.stringify(format));
  return sum;
}

const counted = new WeakMap<Item, number>();

/**
 * Tokens of one item of context; a promise only when an image or file has to be read for it.
 * Rejects with a TurnError 400 when that cannot be done.
 */
export function countItem(
  item: Item,
  turn: Pick<Turn, 'readFile' | 'signal'>,
  tokenizer: Tokenizer,
): number | Promise<number> {
  const known = counted.get(item);
  if (known !== undefined) return known;
  let sum = TOKENS_PER_ITEM;
  for (const text of textsOf(item)) sum += tokenizer.count(text);
  const attached = attachmentsOf(item);
  if (attached.length > 0) return countAttached(item, sum, attached, turn, tokenizer);
  counted.set(item, sum);
  return sum;
}

async function countAttached(
  item: Item,
  text: number,
  attached: readonly Fields[],
  turn: Pick<Turn, 'readFile' | 'signal'>,
  tokenizer: Tokenizer,
): Promise<number> {
  let sum = text;
  for (const part of attached) sum += await countAttachment(part, turn, tokenizer);
  counted.set(item, sum);
  return sum;
}

/** Keys of items whose text the model reads or writes. */
const TEXT_KEYS = ['name', 'arguments', 'input', 'code', 'error'] as const;

/** The texts of an item, wherever its type keeps them. Sealed content counts by what it stands for: not at all. */
export function textsOf(item: Item): string[] {
  const texts = [];
  for (const key of ['content', 'output', 'summary'] as const) {
    const value = item[key];
    if (typeof value === 'string') texts.push(value);
    else
      for (const part of listOf(value).map(fieldsOf))
        texts.push(stringOf(part['text']) ?? stringOf(part['refusal']) ?? '');
  }
  for (const key of TEXT_KEYS) texts.push(stringOf(item[key]) ?? '');
  if (Array.isArray(item['tools'])) texts.push(JSON.stringify(item['tools']));
  if (item.type === 'computer_call') texts.push(JSON.stringify(item['action'] ?? {}));
  return texts.filter((text) => text !== '');
}

function attachmentsOf(item: Item): Fields[] {
  if (item.type === 'computer_call_output') return [{ ...fieldsOf(item['output']), type: 'input_image' }];
  const parts = Array.isArray(item['content']) ? item['content'] : listOf(item['output']);
  return parts.map(fieldsOf).filter((part) => part['type'] === 'input_image' || part['type'] === 'input_file');
}

async function countAttachment(
  part: Fields,
  turn: Pick<Turn, 'readFile' | 'signal'>,
  tokenizer: Tokenizer,
): Promise<number> {
  if (part['type'] === 'input_file') {
    const { pages } = await readDocument(part, turn);
    return pages.reduce((sum, page) => sum + tokenizer.count(page) + TOKENS_PER_PAGE_PICTURE, 0);
  }
  const { width, height, detail } = await readPicture(part, turn);
  return detail === 'low' ? TOKENS_PER_IMAGE : imageTokens(width, height);
}

/** Scaled into 2,048 pixels square, then to 768 on the short side, then in tiles of 512. */
function imageTokens(width: number, height: number): number {
  const fit = Math.min(1, 2_048 / Math.max(width, height));
  const scale = fit * Math.min(1, 768 / (Math.min(width, height) * fit));
  const tiles = Math.ceil((width * scale) / 512) * Math.ceil((height * scale) / 512);
  return TOKENS_PER_IMAGE + TOKENS_PER_TILE * tiles;
}
