import { isOwnItemId } from '../platform/ids.ts';
import { isObject, type Item, type JsonObject } from '../upstream/wire.ts';
import { imageAsInput, imageLeftOut, imagesThatFit } from './rebuild-images.ts';
import type { ChainRecord, ImageReference } from './record.ts';
import { parentNotFound, type ChainStore } from './store.ts';
import { pathTo } from './transcript.ts';

export interface RebuildDeps {
  store: ChainStore;
  /** The bytes of a stored image, checked. */
  readImage: (image: ImageReference) => Promise<Buffer>;
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
      throw parentNotFound(parent.id);
    }
    const told = fromLastCompaction(await Promise.all(path.map((turn) => tell(deps, turn))));
    const images = path.flatMap((turn) => turn.images);
    const fitting = imagesThatFit(images);
    const parts = await Promise.all(
      told.map(async ({ owner, items }) => {
        const shown = await Promise.all(items.map((item) => showImage(deps, item, images, fitting)));
        const { input } = await deps.resolve(owner, { input: shown });
        return Array.isArray(input) ? input.filter(isObject) : [];
      }),
    );
    return parts.flat();
  };
}

/** What a turn added to the conversation, and whose it is: in a document's chain not every turn has the same owner. */
interface Told {
  owner: string;
  items: Item[];
  /** How many of the items were input. */
  inputs: number;
}

async function tell(deps: RebuildDeps, turn: ChainRecord): Promise<Told> {
  const [input, output] = await Promise.all([deps.store.open(turn.input), deps.store.open(turn.output)]);
  const sealedHere = turn.service?.endpoint === deps.endpoint;
  const kept = (items: Item[]): Item[] => items.filter((item) => canBeTold(item, sealedHere));
  const told = kept(input);
  return { owner: turn.owner, items: [...told, ...kept(output)], inputs: told.length };
}

/** Encrypted items can be opened by their maker only, and without the seal they are mere names; a call that was broken off has no output. */
function canBeTold(item: Item, sealedHere: boolean): boolean {
  if (item.type === 'reasoning' || item.type === 'compaction') {
    return sealedHere && typeof item.encrypted_content === 'string';
  }
  const brokenOff = item.status === 'incomplete' || item.status === 'in_progress';
  return !(brokenOff && typeof item.call_id === 'string' && !item.type.endsWith('_output'));
}

/** A compaction among the outputs holds everything before it; one among the inputs is a part of what its caller put together. */
function fromLastCompaction(told: readonly Told[]): Told[] {
  const lastIn = ({ items, inputs }: Told): number =>
    items.findLastIndex((item, index) => index >= inputs && item.type === 'compaction');
  const turn = told.findLastIndex((one) => lastIn(one) >= 0);
  const compacted = told[turn];
  if (compacted === undefined) return [...told];
  return [{ ...compacted, items: compacted.items.slice(lastIn(compacted)) }, ...told.slice(turn + 1)];
}

async function showImage(
  deps: RebuildDeps,
  item: Item,
  images: readonly ImageReference[],
  fitting: ReadonlySet<string>,
): Promise<JsonObject> {
  if (item.type !== 'image_generation_call') return replayable(item);
  const image = images.find(({ itemId }) => itemId === item.id);
  return image !== undefined && fitting.has(image.blob)
    ? imageAsInput((await deps.readImage(image)).toString('base64'))
    : imageLeftOut();
}

/** Items that others refer to by id, or that the API takes with their id only. */
const NAMED = new Set(['mcp_approval_request', 'mcp_list_tools', 'mcp_call', 'code_interpreter_call', 'computer_call']);

/** The item as input: without a status, and without an id that the service may not know or that is ours alone. */
function replayable({ id, status: _status, ...item }: Item): JsonObject {
  return NAMED.has(item.type) && !isOwnItemId(id) ? { ...item, id } : item;
}
