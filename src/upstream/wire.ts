import * as z from 'zod';

/** A JSON object from outside: keys that nobody has heard of stay in it. */
export type JsonObject = Record<string, unknown>;

/** An item of input or output as it stands on the wire. */
export interface Item extends JsonObject {
  type: string;
  id: string;
}

/** An output item of the service always has a type; an id is given by us where it has none. */
const outputItem = z.looseObject({ type: z.string(), id: z.string().optional() });

/** What the gateway must understand of a response object of the service; the rest passes through. */
export const serviceResponse = z.looseObject({
  id: z.string(),
  status: z.string().optional(),
  output: z.array(outputItem).default([]),
  error: z.looseObject({ code: z.string().nullish(), message: z.string().nullish() }).nullish(),
  incomplete_details: z.looseObject({ reason: z.string().nullish() }).nullish(),
});

export type ServiceResponse = z.infer<typeof serviceResponse>;

/** The `error` object of a refusal; Azure adds `innererror` and sometimes sends `type: null`. */
export const serviceError = z.looseObject({
  message: z.string().nullish(),
  type: z.string().nullish(),
  param: z.string().nullish(),
  code: z.coerce.string().nullish(),
});

export type ServiceErrorBody = z.infer<typeof serviceError>;

export const isObject = (value: unknown): value is JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value);
