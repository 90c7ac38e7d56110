import { z } from 'zod';

const shape = z.object({
  method: z.string(),
  uri: z.string(),
  content: z.string().optional(),
  headers: z.record(z.string(), z.string()),
  /** The resource that a managed-identity token is wanted for. */
  tokenResource: z.string().optional(),
  /** Whether a 202 with a `Location` is polled until it ends. */
  polling: z.boolean(),
});

/** The request of a `callHttp`, as the task hub keeps it. */
export type DurableHttpRequest = z.infer<typeof shape>;

/** Reads a request back from the store. */
export function parseDurableHttpRequest(text: string): DurableHttpRequest {
  return shape.parse(JSON.parse(text));
}
