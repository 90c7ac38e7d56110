import { readable } from '../chains/access.ts';
import type { ChainRecord } from '../chains/record.ts';
import { isTerminal } from '../chains/status.ts';
import type { ChainStore } from '../chains/store.ts';
import { GatewayError } from '../errors.ts';
import type { ServiceClient } from '../upstream/client.ts';
import { toItem } from '../upstream/items.ts';
import { isObject, type JsonObject } from '../upstream/wire.ts';
import { show, type ImageForm, type Present, type Shown } from './present.ts';

export interface RetrieveDeps {
  store: ChainStore;
  present: Present;
  service: Pick<ServiceClient, 'retrieveResponse' | 'endpoint'>;
}

export interface RetrieveOptions {
  images: ImageForm;
  /** Parts of items that the API leaves out unless they are asked for (`code_interpreter_call.outputs` ...). */
  include: readonly string[];
}

/** Gives a stored response, whatever its status. Throws `not_found` for one that is not the caller's. */
export type Retrieve = (owner: string, id: string, options: RetrieveOptions) => Promise<Shown>;

export function createRetrieve(deps: RetrieveDeps): Retrieve {
  return async (owner, id, { images, include }) => {
    const record = await readable(deps.store, owner, id);
    const [shown, output] = await Promise.all([
      show(deps.present, record, images),
      include.length === 0 ? undefined : fullOutput(deps, record, include),
    ]);
    if (output === undefined) return shown;
    return { ...shown, response: { ...shown.response, output: merge(shown.response.output, output) } };
  };
}

/** The service's output with the parts asked for; undefined when it no longer has the response: ours is then all there is. */
async function fullOutput(
  deps: RetrieveDeps,
  record: ChainRecord,
  include: readonly string[],
): Promise<JsonObject[] | undefined> {
  const { service } = record;
  if (service?.endpoint !== deps.service.endpoint || !isTerminal(record.status)) return undefined;
  try {
    const { body } = await deps.service.retrieveResponse(service.id, { include });
    return body.output.map(toItem);
  } catch (error) {
    if (error instanceof GatewayError && error.status === 404) return undefined;
    throw error;
  }
}

/** The service's items where it has them; images stay in the form the caller asked for. */
function merge(ours: unknown, full: readonly JsonObject[]): unknown[] {
  const items: unknown[] = Array.isArray(ours) ? ours : [];
  const byId = new Map(full.map((item) => [item.id, item]));
  return items.map((item) =>
    isObject(item) && item.type !== 'image_generation_call' ? (byId.get(item.id) ?? item) : item,
  );
}
