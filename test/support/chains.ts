import { z } from 'zod';
import type { Endpoints } from '../../local/world/endpoints.ts';
import { chainOf } from '../../src/platform/ids.ts';
import { doorOf } from './raw.ts';

const receipt = z.object({
  responses: z.array(z.string()),
  images: z.number(),
  event_logs: z.number(),
  files: z.array(z.string()),
  containers: z.array(z.string()),
  unfinished: z.number(),
});
const chain = z.object({ id: z.string(), title: z.string(), created_at: z.number(), last_turn_at: z.number() });
const turn = z.looseObject({
  id: z.string(),
  parent_id: z.string().nullable(),
  status: z.string(),
  model: z.string(),
  tokens: z.object({ input: z.number(), output: z.number() }).nullable(),
  preview: z.string(),
  images: z.number(),
  rebuilt: z.boolean(),
});
const page = z.object({ data: z.array(chain), has_more: z.boolean(), last_id: z.string().nullable() });
const deletion = z.object({
  id: z.string(),
  object: z.string(),
  deleted: z.literal(true),
  removed: receipt.optional(),
});

export type Receipt = z.infer<typeof receipt>;

/** The doors of chains as a caller sees them. */
export interface ChainsApi {
  list(query?: string): Promise<z.infer<typeof page>>;
  tree(id: string): Promise<z.infer<typeof chain> & { turns: z.infer<typeof turn>[] }>;
  /** `chains/<id>` or `openai/v1/responses/<id>?cascade=true`. */
  remove(path: string): Promise<z.infer<typeof deletion>>;
  status(method: string, path: string): Promise<number>;
}

export function chainsApi(endpoints: Pick<Endpoints, 'gateway'>, key: string): ChainsApi {
  const { json, status } = doorOf(endpoints, key);
  return {
    list: async (query = '') => page.parse(await json('GET', `chains${query}`)),
    tree: async (id) => chain.extend({ turns: z.array(turn) }).parse(await json('GET', `chains/${id}`)),
    remove: async (path) => deletion.parse(await json('DELETE', path)),
    status,
  };
}

/** The chain of a response of the gateway. */
export function chainIdOf(responseId: string): string {
  const id = chainOf(responseId);
  if (id === undefined) throw new Error(`${responseId} is no id of the gateway.`);
  return id;
}
