import { GatewayError } from '../errors.ts';
import { isOwnItemId } from '../platform/ids.ts';
import { isObject, type Item, type JsonObject } from '../upstream/wire.ts';
import type { FindItem } from './find-item.ts';
import { imageAsInput, imageLeftOut, imagesThatFit } from './rebuild-images.ts';
import type { ChainRecord, ImageReference } from './record.ts';
import { parentNotFound, type ChainStore } from './store.ts';
import { pathTo } from './transcript.ts';

export interface RebuildDeps {
  store: ChainStore;
  findItem: FindItem;
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
    const images = [...path.flatMap((turn) => turn.images), ...(await imagesOfOthers(deps, told))];
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
  // It has had its effect.
  if (item.type === 'compaction_trigger') return false;
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

/** Images of responses outside of this chain that were referred to in it; those that were deleted are not found any more. */
async function imagesOfOthers(deps: RebuildDeps, told: readonly Told[]): Promise<ImageReference[]> {
  const found = told.flatMap(({ owner, items, inputs }) =>
    items
      .slice(0, inputs)
      .filter(isImageName)
      .map(({ id }) => deps.findItem(owner, id)),
  );
  return (await Promise.all(found)).map((one) => one?.image).filter((image) => image !== undefined);
}

const isImageName = (item: Item): boolean => item.type === 'image_generation_call' && typeof item.result !== 'string';

async function showImage(
  deps: RebuildDeps,
  item: Item,
  images: readonly ImageReference[],
  fitting: ReadonlySet<string>,
): Promise<JsonObject> {
  if (item.type !== 'image_generation_call') return replayable(item);
  if (typeof item.result === 'string') return imageAsInput(item.result);
  const image = images.find(({ itemId }) => itemId === item.id);
  if (image === undefined || !fitting.has(image.blob)) return imageLeftOut();
  return deps.readImage(image).then(
    (bytes) => imageAsInput(bytes.toString('base64')),
    (error: unknown) => {
      // Its blob was lost: the conversation goes on without the picture.
      if (error instanceof GatewayError && error.kind === 'not_found') return imageLeftOut();
      throw error;
    },
  );
}

/** Items that others refer to by id, or whose id the API asks for when they are input (types of its SDK, 7.57). */
const NAMED = new Set([
  'code_interpreter_call',
  'computer_call',
  'file_search_call',
  'local_shell_call',
  'local_shell_call_output',
  'mcp_approval_request',
  'mcp_call',
  'mcp_list_tools',
  'program',
  'program_output',
  'web_search_call',
]);

/** The item as input: without a status, and without an id that the service may not know or that is ours alone. */
function replayable({ id, status: _status, ...item }: Item): JsonObject {
  return NAMED.has(item.type) && !isOwnItemId(id) ? { ...item, id } : item;
}
