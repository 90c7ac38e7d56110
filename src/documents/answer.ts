import * as z from 'zod';
import type { ChainRecord } from '../chains/record.ts';
import type { ChainStore } from '../chains/store.ts';
import { isObject, type JsonObject } from '../upstream/wire.ts';
import { ANALYSIS_KEYS } from './analyse.ts';
import { DocumentFailure } from './failures.ts';
import type { TokenCounts } from './prices.ts';

/** What the analysis said, read from the stored response. */
export interface Answer {
  text: string;
  /** The parsed object, when a schema was asked for and the text is JSON. */
  data?: JsonObject;
  model: string;
  usage: JsonObject | null;
  tokens?: TokenCounts;
  structured: boolean;
  promptSource: string;
  promptSha256: string;
  schemaSource?: string;
  schemaSha256?: string;
  /** Unix seconds. */
  createdAt: number;
  completedAt?: number;
  /** Why the response did not complete. */
  error?: { code: string; message: string };
  incompleteReason?: string;
}

const envelopeShape = z.looseObject({
  model: z.string().optional(),
  completed_at: z.number().nullish(),
  usage: z.looseObject({}).nullish(),
  error: z.looseObject({ code: z.string().nullish(), message: z.string().nullish() }).nullish(),
  incomplete_details: z.looseObject({ reason: z.string().nullish() }).nullish(),
});

const usageShape = z.looseObject({
  input_tokens: z.number(),
  output_tokens: z.number(),
  input_tokens_details: z.looseObject({ cached_tokens: z.number().nullish() }).nullish(),
});

const partShape = z.looseObject({ type: z.string(), text: z.string().optional(), refusal: z.string().optional() });
const messageShape = z.looseObject({ type: z.literal('message'), content: z.array(partShape) });

export async function readAnswer(store: ChainStore, record: ChainRecord): Promise<Answer> {
  const [envelope, output, request] = await Promise.all([
    store.open(record.envelope).then((object) => envelopeShape.parse(object)),
    store.open(record.output),
    store.open(record.request),
  ]);
  const text = output.flatMap(textsOf).join('\n\n').trim();
  const metadata = isObject(request.metadata) ? request.metadata : {};
  const structured = isObject(request.text);
  return {
    text,
    data: structured ? parseObject(text) : undefined,
    structured,
    model: envelope.model ?? record.model,
    usage: envelope.usage ?? null,
    tokens: tokensOf(envelope.usage),
    ...originOf(metadata),
    createdAt: record.createdAt,
    ...endOf(envelope),
  };
}

const originOf = (
  metadata: JsonObject,
): Pick<Answer, 'promptSource' | 'promptSha256' | 'schemaSource' | 'schemaSha256'> => ({
  promptSource: stringOf(metadata[ANALYSIS_KEYS.promptSource]) ?? '',
  promptSha256: stringOf(metadata[ANALYSIS_KEYS.promptSha256]) ?? '',
  schemaSource: stringOf(metadata[ANALYSIS_KEYS.schemaSource]),
  schemaSha256: stringOf(metadata[ANALYSIS_KEYS.schemaSha256]),
});

const endOf = (
  envelope: z.infer<typeof envelopeShape>,
): Pick<Answer, 'completedAt' | 'error' | 'incompleteReason'> => ({
  completedAt: envelope.completed_at ?? undefined,
  error: envelope.error ? { code: envelope.error.code ?? '', message: envelope.error.message ?? '' } : undefined,
  incompleteReason: envelope.incomplete_details?.reason ?? undefined,
});

function textsOf(item: unknown): string[] {
  const message = messageShape.safeParse(item);
  if (!message.success) return [];
  return message.data.content.map((part) => part.text ?? part.refusal ?? '').filter((text) => text !== '');
}

function tokensOf(usage: unknown): TokenCounts | undefined {
  const parsed = usageShape.safeParse(usage);
  if (!parsed.success) return undefined;
  const { input_tokens: input, output_tokens: output, input_tokens_details: details } = parsed.data;
  return { input, output, cachedInput: details?.cached_tokens ?? 0 };
}

function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    // Not JSON after all: the answer was cut, or is a refusal. The caller sees that there is no object.
    return undefined;
  }
}

const stringOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** Why an analysis that has ended, but not completed, is none. */
export function failureOf(status: string, answer: Answer): DocumentFailure {
  if (status === 'cancelled') return new DocumentFailure('cancelled', 'The analysis was cancelled.');
  if (status === 'incomplete') {
    return answer.incompleteReason === 'content_filter'
      ? new DocumentFailure('content_filter', 'The content filter of the service cut the answer off.')
      : new DocumentFailure(
          'incomplete',
          `The answer is incomplete (${answer.incompleteReason ?? 'no reason given'}).`,
        );
  }
  return failureAtService(answer.error ?? { code: '', message: '' });
}

function failureAtService({ code, message }: { code: string; message: string }): DocumentFailure {
  if (code === 'content_filter') {
    return new DocumentFailure(
      'content_filter',
      'The content filter of the service refused the document or the prompt.',
    );
  }
  if (code === 'DeploymentNotFound') return new DocumentFailure('unknown_model', message);
  if (code === 'server_error' || code === '') {
    return new DocumentFailure('service_failed', message === '' ? 'The service failed without saying why.' : message);
  }
  return new DocumentFailure('refused', message);
}
