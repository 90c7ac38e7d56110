import { z } from 'zod';

const milliseconds = z.number().min(0);
const count = z.number().int().min(0);

/** What the simulator can be told to do wrong. Every kind is explained in the README. */
const faultSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('throttle'),
    retryAfterSeconds: z.number().optional(),
    retryAfterMs: z.number().optional(),
  }),
  z.strictObject({
    kind: z.literal('status'),
    status: z.number().int().min(400).max(599),
    error: z.record(z.string(), z.unknown()).optional(),
    headers: z.record(z.string(), z.string()).optional(),
    /** Sent instead of a JSON body: what a proxy on the way would answer. */
    text: z.string().optional(),
  }),
  z.strictObject({ kind: z.literal('denied'), why: z.enum(['key', 'token', 'role', 'network']) }),
  z.strictObject({ kind: z.literal('reset') }),
  z.strictObject({ kind: z.literal('lose_answer') }),
  z.strictObject({ kind: z.literal('slow'), beforeMs: milliseconds.default(0), betweenMs: milliseconds.default(0) }),
  z.strictObject({ kind: z.literal('cut'), afterEvents: count, how: z.enum(['reset', 'end']).default('reset') }),
  z.strictObject({
    kind: z.literal('stream_error'),
    afterEvents: count.default(2),
    code: z.string().default('server_error'),
    message: z.string().default('The server had an error while processing your request.'),
    shape: z.enum(['nested', 'flat']).default('nested'),
    thenFailed: z.boolean().default(true),
  }),
  z.strictObject({ kind: z.literal('stuck'), state: z.enum(['queued', 'in_progress']) }),
  z.strictObject({ kind: z.literal('pace'), queuedMs: milliseconds.optional(), runningMs: milliseconds.optional() }),
  z.strictObject({ kind: z.literal('vanish'), afterMs: milliseconds.default(0) }),
  z.strictObject({ kind: z.literal('forget') }),
  z.strictObject({ kind: z.literal('forget_files') }),
  z.strictObject({
    kind: z.literal('fail'),
    code: z.string().default('server_error'),
    message: z.string().default('The model could not complete the request.'),
  }),
  z.strictObject({ kind: z.literal('empty_failure') }),
  z.strictObject({ kind: z.literal('content_filter'), side: z.enum(['input', 'output']) }),
  z.strictObject({ kind: z.literal('unknown_status'), status: z.string().default('paused') }),
  z.strictObject({ kind: z.literal('refuse_resume') }),
  z.strictObject({ kind: z.literal('ignore_cancel') }),
  z.strictObject({
    kind: z.literal('framing'),
    /** `response.queued` before `response.created`, which Azure may send. */
    queuedFirst: z.boolean().default(false),
    /** `data: [DONE]` at the end. */
    done: z.boolean().default(false),
    /** A `keepalive` event and a comment line after every so many events. */
    keepAliveEvery: z.number().int().min(1).optional(),
  }),
]);

export type Fault = z.infer<typeof faultSchema>;
export type FaultKind = Fault['kind'];

export const scenarioSchema = z.strictObject({
  match: z
    .strictObject({
      /** `create`, `retrieve`, `files.create` ...; without it, any operation. */
      operation: z.string().optional(),
      /** Must occur in the path or body, or in the request that made the response or file at hand. */
      contains: z.string().min(1).optional(),
      responseId: z.string().optional(),
    })
    .default({}),
  /** How many requests it applies to. */
  times: z.union([z.number().int().min(1), z.literal('always')]).default(1),
  /** How many matching requests it lets pass before. */
  skip: count.default(0),
  fault: faultSchema,
});

export type Scenario = z.infer<typeof scenarioSchema>;
