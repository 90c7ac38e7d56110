import { z } from 'zod';
import { compaction, responseResource } from '../conformance/openai/open-responses.ts';
import { listedItem, outputItem } from './wire-items.ts';

/** Every body that the API gives, as strictly as its descriptions allow. Written from them, not from our code. */
const text = z.string();
const whole = z.int().min(0);

/** An id of this gateway; the service's ids have another length, so one that leaks is seen. */
const OWN_RESPONSE_ID = /^resp_[0-9a-f]{48}$/;
/** An id that the service made: 50 digits in the simulator. */
export const SERVICE_ID = /\bresp_[0-9a-f]{50}\b/;

const STATUSES = ['completed', 'failed', 'in_progress', 'cancelled', 'queued', 'incomplete'] as const;

/** The stricter Open Responses resource, with the items and tool choices that only the API itself has. */
const resource = responseResource.extend({
  id: text.regex(OWN_RESPONSE_ID),
  status: z.enum(STATUSES),
  previous_response_id: text.regex(OWN_RESPONSE_ID).nullable(),
  output: z.array(outputItem),
  tool_choice: z.union([z.enum(['auto', 'none', 'required']), z.looseObject({ type: text })]),
});

export const response = resource.superRefine((value, context) => {
  for (const [field, message] of contradictions(value)) context.addIssue({ code: 'custom', message, path: [field] });
});

/** What the status of a response says about its other fields. */
function contradictions({ status, ...fields }: z.infer<typeof resource>): [field: string, message: string][] {
  const { completed_at, error, incomplete_details, output, usage } = fields;
  const completed = status === 'completed';
  const live = status === 'queued' || status === 'in_progress';
  const rules: [field: string, message: string, kept: boolean][] = [
    ['error', 'a failed response, and no other, says why', (status === 'failed') === (error !== null)],
    [
      'incomplete_details',
      'an incomplete response, and no other, says why',
      (status === 'incomplete') === (incomplete_details !== null),
    ],
    ['completed_at', 'is there when the response is completed, and only then', completed === (completed_at !== null)],
    ['usage', 'a completed response says what it cost', !completed || usage !== null],
    ['usage', 'nothing is charged before the end', !live || usage === null],
    ['output', 'a queued response has no output', status !== 'queued' || output.length === 0],
  ];
  return rules.filter(([, , kept]) => !kept).map(([field, message]) => [field, message]);
}

const file = z.looseObject({
  id: text,
  object: z.literal('file'),
  bytes: whole,
  created_at: whole,
  filename: text,
  purpose: text,
  status: text,
});
const container = z.looseObject({ id: text, object: z.literal('container'), created_at: whole, status: text });
const containerFile = z.looseObject({ id: text, object: z.literal('container.file'), container_id: text, path: text });
const model = z.looseObject({ id: text, object: z.literal('model') });
const deleted = (object: string) => z.looseObject({ id: text, object: z.literal(object), deleted: z.literal(true) });

const BY_OBJECT: Readonly<Record<string, z.ZodType>> = {
  response,
  'response.compaction': compaction,
  'response.input_tokens': z.looseObject({ object: text, input_tokens: whole }),
  file,
  container,
  'container.file': containerFile,
  'container.deleted': deleted('container.deleted'),
  'container.file.deleted': deleted('container.file.deleted'),
  model,
};

const list = z.looseObject({
  object: z.literal('list'),
  data: z.array(z.looseObject({ id: text })),
});
const page = list.extend({ first_id: text.nullable(), last_id: text.nullable(), has_more: z.boolean() });

/** All four keys, always: clients read them without looking. */
export const apiError = z.looseObject({
  error: z.looseObject({ message: text.min(1), type: text, param: text.nullable(), code: text.nullable() }),
});

const head = z.looseObject({ object: text, deleted: z.boolean().optional(), data: z.unknown().optional() });

/** What is wrong with a JSON body of the API; empty when nothing is. */
export function faultsOfBody(body: unknown): string[] {
  const leaked = SERVICE_ID.exec(JSON.stringify(body));
  if (leaked !== null) return [`shows the service's id ${leaked[0]}`];
  const parsed = head.safeParse(body);
  if (!parsed.success) return issuesOf(parsed.error);
  const { object, deleted: gone, data } = parsed.data;
  if (object === 'list') return faultsOfList(body, data);
  const schema = gone === true ? deleted(object) : BY_OBJECT[object];
  if (schema === undefined) return [`'${object}' is no object of the API`];
  return issuesOf(schema.safeParse(body).error);
}

function faultsOfList(body: unknown, data: unknown): string[] {
  const rows: unknown[] = Array.isArray(data) ? data : [];
  const models = rows.length > 0 && model.safeParse(rows[0]).success;
  const own = issuesOf((models ? list : page).safeParse(body).error);
  const inside = rows.flatMap((row) => {
    const object = head.safeParse(row).data?.object;
    const schema = object === undefined ? listedItem : BY_OBJECT[object];
    return schema === undefined ? [`'${object ?? ''}' in a list`] : issuesOf(schema.safeParse(row).error);
  });
  return [...own, ...inside];
}

export const issuesOf = (error: z.ZodError | undefined): string[] =>
  (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
