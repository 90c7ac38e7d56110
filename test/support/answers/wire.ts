import { z } from 'zod';
import { compaction, responseResource } from '../../conformance/openai/open-responses.ts';
import { streamEvent } from './wire-events.ts';
import { listedItem, outputItem } from './wire-items.ts';

/** Every body that the API gives, as strictly as its descriptions allow. Written from them, not from our code. */
const text = z.string();
const whole = z.int().min(0);

/** Whose answer it is: the gateway's, or that of the service (the simulator). */
export type Side = 'gateway' | 'service';

const STATUSES = ['completed', 'failed', 'in_progress', 'cancelled', 'queued', 'incomplete'] as const;

/** The stricter Open Responses resource, with the items and tool choices that only the API itself has. */
const resource = responseResource.extend({
  status: z.enum(STATUSES),
  output: z.array(outputItem),
  tool_choice: z.union([z.enum(['auto', 'none', 'required']), z.looseObject({ type: text })]),
});

const responseOf = (ids: RegExp): z.ZodType<{ id: string }> =>
  resource
    .extend({ id: text.regex(ids), previous_response_id: text.regex(ids).nullable() })
    .superRefine((value, context) => {
      for (const [field, message] of contradictions(value))
        context.addIssue({ code: 'custom', message, path: [field] });
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

const OBJECTS: Readonly<Record<string, z.ZodType>> = {
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
const apiError = z.looseObject({
  error: z.looseObject({ message: text.min(1), type: text, param: text.nullable(), code: text.nullable() }),
});

/** Not all of Azure gives a type and a parameter. */
const serviceError = z.looseObject({
  error: z.looseObject({ message: text.min(1), code: text.nullable(), type: text.nullish(), param: text.nullish() }),
});

/** Says what went wrong before the response fails, in two shapes. */
const serviceEvent = z.union([z.looseObject({ type: z.literal('error'), sequence_number: whole }), streamEvent]);

const head = z.looseObject({ object: text, deleted: z.boolean().optional(), data: z.unknown().optional() });

/** What the two sides do not have in common. Their ids are of different length: one of the service that leaks is seen. */
const SIDES: Readonly<
  Record<Side, { ids: RegExp; hidden?: RegExp; refusal: z.ZodType; event: z.ZodType; endsStreams: boolean }>
> = {
  gateway: {
    ids: /^resp_[0-9a-f]{48}$/,
    hidden: /\bresp_[0-9a-f]{50}\b/,
    refusal: apiError,
    event: streamEvent,
    endsStreams: true,
  },
  service: {
    ids: /^resp_[0-9a-f]{50}$/,
    refusal: serviceError,
    event: serviceEvent,
    endsStreams: false,
  },
};

/** The bodies of the API as one side gives them. */
export class Wire {
  readonly response: z.ZodType<{ id: string }>;
  /** Those of the service may break off. */
  readonly endsStreams: boolean;
  readonly #side;
  readonly #objects: Readonly<Record<string, z.ZodType>>;

  constructor(side: Side) {
    this.#side = SIDES[side];
    this.endsStreams = this.#side.endsStreams;
    this.response = responseOf(this.#side.ids);
    this.#objects = { ...OBJECTS, response: this.response };
  }

  /** What is wrong with the data of an event. */
  faultsOfEvent(event: unknown): string[] {
    return issuesOf(this.#side.event.safeParse(event).error);
  }

  /** Ids of the service are for the gateway alone. */
  faultsOfIds(content: string): string[] {
    const leaked = this.#side.hidden?.exec(content);
    return leaked == null ? [] : [`shows the service's id ${leaked[0]}`];
  }

  /** What is wrong with the JSON body of a refusal. */
  faultsOfRefusal(body: unknown): string[] {
    return issuesOf(this.#side.refusal.safeParse(body).error);
  }

  /** What is wrong with a JSON body that is no refusal; empty when nothing is. */
  faultsOfBody(body: unknown): string[] {
    const parsed = head.safeParse(body);
    if (!parsed.success) return issuesOf(parsed.error);
    const { object, deleted: gone, data } = parsed.data;
    if (object === 'list') return this.#faultsOfList(body, data);
    const schema = gone === true ? deleted(object) : this.#objects[object];
    if (schema === undefined) return [`'${object}' is no object of the API`];
    return issuesOf(schema.safeParse(body).error);
  }

  #faultsOfList(body: unknown, data: unknown): string[] {
    const rows: unknown[] = Array.isArray(data) ? data : [];
    const models = rows.length > 0 && model.safeParse(rows[0]).success;
    const own = issuesOf((models ? list : page).safeParse(body).error);
    const inside = rows.flatMap((row) => {
      const object = head.safeParse(row).data?.object;
      const schema = object === undefined ? listedItem : this.#objects[object];
      return schema === undefined ? [`'${object ?? ''}' in a list`] : issuesOf(schema.safeParse(row).error);
    });
    return [...own, ...inside];
  }
}

export const issuesOf = (error: z.ZodError | undefined): string[] =>
  (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
