import { z } from 'zod';

export type Json = Record<string, unknown>;

/** The response object as it stands on the wire. `output` holds every item in full; what `include` hides is hidden on the way out. */
const wireResponse = z.looseObject({
  id: z.string(),
  object: z.literal('response'),
  created_at: z.number(),
  status: z.string(),
  background: z.boolean(),
  completed_at: z.number().nullable(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  incomplete_details: z.object({ reason: z.string() }).nullable(),
  model: z.string(),
  output: z.array(z.looseObject({ type: z.string(), id: z.string() })),
  previous_response_id: z.string().nullable(),
  store: z.boolean(),
});

const record = z.object({
  /** Milliseconds since 1970. */
  createdAt: z.number(),
  response: wireResponse,
  /** This turn's own input, every item with an id. */
  input: z.array(z.looseObject({ type: z.string(), id: z.string() })),
  /** The create body as the caller sent it. */
  request: z.record(z.string(), z.unknown()),
  imageDeployment: z.string().optional(),
});

export type WireResponse = z.infer<typeof wireResponse>;
export type StoredResponse = z.infer<typeof record>;

/** @throws when the text is no record of ours. */
export const readRecord = (json: string): StoredResponse => record.parse(JSON.parse(json));

export const isTerminal = (status: string): boolean =>
  status === 'completed' || status === 'failed' || status === 'incomplete' || status === 'cancelled';
