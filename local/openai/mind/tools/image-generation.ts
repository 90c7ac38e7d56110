import { TurnError, type Item } from '../../turn.ts';
import { readDataUri } from '../input/data-uri.ts';
import { readImageHeader, type ImageMime } from '../input/image-header.ts';
import type { Thought } from '../thought.ts';
import { decodePixels, encodePixels, type Pixels } from '../picture/codecs.ts';
import { tint } from '../picture/edit.ts';
import { paint } from '../picture/paint.ts';
import { fieldsOf, listOf, numberOf, stringOf, type Fields } from '../values.ts';
import { capitalize } from '../words.ts';
import type { Findings, ToolRun } from './findings.ts';
import { hasRun, standingOf } from './selection.ts';

const MAKE = /\b(?:generate|draw|create|make|paint|render|sketch|design|produce|illustrate)\b/i;
const PICTURE =
  /\b(?:image|picture|photo(?:graph)?|drawing|painting|illustration|sketch|logo|icon|poster|portrait|artwork|wallpaper)s?\b/i;
const CHANGE = /\b(?:edit|change|add|remove|replace|turn|make|recolou?r|tint|put|crop|modify|colou?r)\b/i;
/** Write this in a prompt and the image model refuses it. */
const MODERATION_TRIGGER = /\bcontent-filter:image\b/i;

const SIZES = ['1024x1024', '1024x1536', '1536x1024'] as const;
const MIMES: Readonly<Record<string, ImageMime>> = { png: 'image/png', jpeg: 'image/jpeg', webp: 'image/webp' };

/** Refuses options that the image models do not have. @throws TurnError 400. */
export function checkImageTool(tool: Fields, place: string): void {
  const param = (key: string): string => `${place}.${key}`;
  expectOneOf(tool['size'], [...SIZES, 'auto'], param('size'));
  expectOneOf(tool['quality'], ['low', 'medium', 'high', 'auto'], param('quality'));
  expectOneOf(tool['output_format'], Object.keys(MIMES), param('output_format'));
  expectOneOf(tool['background'], ['transparent', 'opaque', 'auto'], param('background'));
  if (tool['background'] === 'transparent' && tool['output_format'] === 'jpeg') {
    throw new TurnError(400, 'Transparent background is not supported for JPEG output format. Use png or webp.', {
      code: 'invalid_value',
      param: param('background'),
    });
  }
}

function expectOneOf(value: unknown, allowed: readonly string[], param: string): void {
  if (value === undefined || value === null || (typeof value === 'string' && allowed.includes(value))) return;
  const list = allowed.map((entry) => `'${entry}'`).join(', ');
  throw new TurnError(400, `Invalid value: ${JSON.stringify(value)}. Supported values are: ${list}.`, {
    code: 'invalid_value',
    param,
  });
}

/** Paints what the prompt asks for, or changes the picture that came with it. */
export async function* runImageGeneration(thought: Thought, tool: Fields, findings: Findings): ToolRun {
  const { talk, turn } = thought;
  const sources = await sourcesOf(thought);
  const standing = standingOf(thought, tool);
  const wanted = standing === 'forced' || (standing === 'free' && asksForPicture(talk.prompt, sources.length > 0));
  if (!wanted || hasRun(thought, 'image_generation_call')) return;
  if (MODERATION_TRIGGER.test(talk.prompt)) throw rejected();
  findings.calls++;
  const [source] = sources;
  const edits = source !== undefined && tool['action'] !== 'generate';
  const options = optionsOf(tool, edits ? source : undefined);
  const pixels = edits
    ? tint(source, talk.prompt, options, await maskOf(tool))
    : paint(talk.prompt, options.width, options.height, options.background === 'transparent');
  const encoded = await encodePixels(pixels, options.mime, numberOf(tool['output_compression']) ?? 90);
  const subject = subjectOf(talk.prompt);
  yield {
    type: 'image_generation_call',
    id: turn.newId('ig'),
    status: 'completed',
    ...namedAction(tool, edits),
    background: options.background,
    output_format: options.format,
    quality: options.quality,
    result: Buffer.from(encoded).toString('base64'),
    revised_prompt: `${capitalize(subject)}, in flat shapes and plain colours.`,
    size: `${options.width}x${options.height}`,
  } satisfies Item;
  findings.add(edits ? `I changed the picture as you asked: ${subject}.` : `Here is the picture of ${subject}.`);
}

function asksForPicture(prompt: string, hasSource: boolean): boolean {
  if (/^\s*(?:please\s+)?(?:draw|paint|sketch|illustrate)\b/i.test(prompt)) return true;
  if (MAKE.test(prompt) && PICTURE.test(prompt)) return true;
  return hasSource && CHANGE.test(prompt);
}

/** What was done is recorded only of requests that name an action. */
const namedAction = (tool: Fields, edits: boolean): Fields =>
  tool['action'] == null ? {} : { action: edits ? 'edit' : 'generate' };

/** "Generate an image of a cat." is about "a cat". */
function subjectOf(prompt: string): string {
  const plain = prompt
    .trim()
    .replace(/\s+/g, ' ')
    .replace(/[.!?]+$/, '');
  const subject = plain.replace(
    /^.*?\b(?:image|picture|photo(?:graph)?|drawing|painting|illustration|sketch|portrait)\s+(?:of|showing|with|that shows)\s+/i,
    '',
  );
  return (
    subject.replace(/^(?:please\s+)?(?:draw|paint|sketch|generate|create|render|illustrate)\s+(?:me\s+)?/i, '') ||
    'nothing in particular'
  );
}

interface Options {
  width: number;
  height: number;
  mime: ImageMime;
  format: string;
  quality: string;
  background: string;
}

function optionsOf(tool: Fields, source: Pixels | undefined): Options {
  const asked = stringOf(tool['size']) ?? 'auto';
  const [width = 1_024, height = 1_024] = (asked === 'auto' ? sizeLike(source) : asked).split('x').map(Number);
  const format = stringOf(tool['output_format']) ?? 'png';
  const given = (key: string, fallback: string): string => {
    const value = stringOf(tool[key]);
    return value === undefined || value === 'auto' ? fallback : value;
  };
  return {
    width,
    height,
    format,
    mime: MIMES[format] ?? 'image/png',
    quality: given('quality', 'high'),
    background: given('background', 'opaque'),
  };
}

/** An edited picture keeps its shape as far as the sizes allow. */
function sizeLike(source: Pixels | undefined): (typeof SIZES)[number] {
  if (!source || source.width === source.height) return '1024x1024';
  return source.width > source.height ? '1536x1024' : '1024x1536';
}

/** Pictures that came with this very request. Azure edits no picture of an earlier turn: those are not looked at. */
async function sourcesOf({ recent, turn }: Thought): Promise<Pixels[]> {
  const own = listOf(turn.request['input'])
    .map(fieldsOf)
    .filter((item) => item['type'] === 'image_generation_call')
    .map((item) => Buffer.from(stringOf(item['result']) ?? '', 'base64'));
  const decoded = await Promise.all([...recent.pictures.map((picture) => picture.bytes), ...own].map(decode));
  return decoded.filter((pixels) => pixels !== undefined);
}

async function maskOf(tool: Fields): Promise<Pixels | undefined> {
  const url = stringOf(fieldsOf(tool['input_image_mask'])['image_url']);
  if (url === undefined) return undefined;
  const mask = await decode(readDataUri(url)?.bytes ?? new Uint8Array());
  if (mask) return mask;
  throw new TurnError(400, 'The mask must be a PNG or WebP image given as a base64 data URI.', {
    type: 'image_generation_user_error',
    code: 'invalid_image',
    param: 'tools',
  });
}

async function decode(bytes: Uint8Array): Promise<Pixels | undefined> {
  const header = readImageHeader(bytes);
  return header && decodePixels(bytes, header.mime);
}

function rejected(): TurnError {
  return new TurnError(400, 'Your request was rejected by the safety system.', {
    type: 'image_generation_user_error',
    code: 'moderation_blocked',
  });
}
