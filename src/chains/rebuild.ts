import { GatewayError } from '../errors.ts';
import { isObject, type Item, type JsonObject } from '../upstream/wire.ts';
import type { ChainRecord, ImageReference } from './record.ts';
import type { ChainStore } from './store.ts';
import { pathTo } from './transcript.ts';

export interface RebuildDeps {
  store: ChainStore;
  /** The items with their images in them again. */
  putImagesBack: (output: readonly Item[], images: readonly ImageReference[]) => Promise<Item[]>;
  /** Makes references in old items valid again: current ids of files, images as data. */
  resolve: (owner: string, body: JsonObject) => Promise<JsonObject>;
  /** The resource that will answer: only it can open the encrypted items it made. */
  endpoint: string;
}

/** The conversation up to and with this turn, as input items that need nothing the service may have forgotten. */
export type RebuildInput = (parent: ChainRecord) => Promise<JsonObject[]>;

/**
 * @throws `parent_not_found` when a turn on the path was deleted: what its owner took back is not sent again, and
 * leaving it out silently would change what the conversation says.
 */
export function createRebuildInput(deps: RebuildDeps): RebuildInput {
  return async (parent) => {
    const path = await pathTo(deps.store, parent);
    if (path.some((turn) => turn.status === 'deleted') || path[0]?.parentId !== null) {
      throw new GatewayError('parent_not_found', `Previous response with id '${parent.id}' not found.`, {
        param: 'previous_response_id',
      });
    }
    const turns = await Promise.all(path.map((turn) => itemsOf(deps, turn)));
    return turns.flat();
  };
}

async function itemsOf(deps: RebuildDeps, turn: ChainRecord): Promise<JsonObject[]> {
  const [input, output] = await Promise.all([deps.store.open(turn.input), deps.store.open(turn.output)]);
  const withImages = await deps.putImagesBack(output, turn.images);
  const sealedHere = turn.service?.endpoint === deps.endpoint;
  const items = [...input, ...withImages]
    .map((item) => replayable(item, sealedHere))
    .filter((item) => item !== undefined);
  const resolved = await deps.resolve(turn.owner, { input: items });
  return Array.isArray(resolved.input) ? resolved.input.filter(isObject) : [];
}

/** The item without its id (the service may not know it), or undefined for one that only its maker can read. */
function replayable(item: Item, sealedHere: boolean): JsonObject | undefined {
  const { id: _id, status: _status, ...rest } = item;
  const sealed = typeof item.encrypted_content === 'string';
  if (item.type === 'reasoning' || item.type === 'compaction') return sealed && sealedHere ? rest : undefined;
  if (item.type === 'image_generation_call' && typeof item.result === 'string') return imageAsInput(item.result);
  return rest;
}

/** A generated image as the model can see it again: multi-turn editing needs the picture, not the call. */
export const imageAsInput = (base64: string): JsonObject => ({
  type: 'message',
  role: 'user',
  content: [{ type: 'input_image', image_url: `data:image/png;base64,${base64}` }],
});
