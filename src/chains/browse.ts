import { notFound } from '../errors.ts';
import { isChainId } from '../platform/ids.ts';
import type { JsonObject } from '../upstream/wire.ts';
import { EVERYBODY } from './access.ts';
import { entryId, type ChainEntry, type Directory } from './directory.ts';
import type { ChainRecord } from './record.ts';
import type { ChainStore } from './store.ts';

export interface ChainView extends JsonObject {
  id: string;
  object: 'chain';
  title: string;
  created_at: number;
  last_turn_at: number;
}

/** One turn in the tree of a chain. Of a deleted one only its place is left. */
export interface TurnView {
  id: string;
  object: 'chain.turn';
  parent_id: string | null;
  status: string;
  model: string;
  created_at: number;
  tokens: { input: number; output: number } | null;
  /** First words of what the caller said. */
  preview: string;
  background: boolean;
  images: number;
  /** Its context came from the gateway's transcript, because the service had lost the parent. */
  rebuilt: boolean;
}

export interface ChainTree extends ChainView {
  turns: TurnView[];
}

export interface BrowseChains {
  /** The owner's chains, newest turn first. `after` is the id of the last chain of the page before. */
  list(owner: string, page: { limit: number; after?: string }): Promise<{ data: ChainView[]; hasMore: boolean }>;
  /** Every turn of one chain that the owner may read, parents before children. Throws `not_found`. */
  tree(owner: string, chainId: string): Promise<ChainTree>;
}

const TURN_FIELDS =
  'c.id, c.owner, c.parentId, c.status, c.model, c.createdAt, c.updatedAt, c.tokens, c.preview, c.background, c.rebuilt, c.depth, ' +
  'ARRAY_LENGTH(c.images) AS images';

type TurnRow = Pick<
  ChainRecord,
  'id' | 'owner' | 'parentId' | 'status' | 'model' | 'createdAt' | 'tokens' | 'preview' | 'background' | 'rebuilt'
> & { images: number };

export function createBrowseChains(deps: { store: ChainStore; directory: Directory }): BrowseChains {
  return {
    async list(owner, { limit, after }) {
      const cursor = after === undefined ? undefined : await entryOf(deps.directory, owner, after);
      const entries = await newest(deps.directory, owner, { limit: limit + 1, cursor });
      return { data: entries.slice(0, limit).map(viewOf), hasMore: entries.length > limit };
    },

    async tree(owner, chainId) {
      if (!isChainId(chainId)) throw notFound('Chain', chainId);
      const [entry, turns] = await Promise.all([
        deps.directory.read<ChainEntry>(owner, entryId('chain', chainId)),
        readable(deps.store, owner, chainId),
      ]);
      const first = turns.find((turn) => turn.status !== 'deleted');
      if (first === undefined) throw notFound('Chain', chainId);
      const view = entry === undefined ? viewOfTurns(chainId, turns) : viewOf(entry);
      return { ...view, turns: turns.map(turnView) };
    },
  };
}

async function newest(
  directory: Directory,
  owner: string,
  { limit, cursor }: { limit: number; cursor?: ChainEntry },
): Promise<ChainEntry[]> {
  const { rows } = await directory.query<ChainEntry>(
    {
      query:
        `SELECT * FROM c WHERE c.kind = "chain"${cursor === undefined ? '' : ' AND c.recency < @recency'} ` +
        'ORDER BY c.recency DESC OFFSET 0 LIMIT @limit',
      parameters: [
        { name: '@limit', value: limit },
        { name: '@recency', value: cursor?.recency ?? '' },
      ],
    },
    { owner, pageSize: limit },
  );
  return rows;
}

async function entryOf(directory: Directory, owner: string, chainId: string): Promise<ChainEntry> {
  const entry = isChainId(chainId) ? await directory.read<ChainEntry>(owner, entryId('chain', chainId)) : undefined;
  if (entry === undefined) throw notFound('Chain', chainId);
  return entry;
}

const readable = (store: ChainStore, owner: string, chainId: string): Promise<TurnRow[]> =>
  store.queryAll(
    {
      query: `SELECT ${TURN_FIELDS} FROM c WHERE c.kind = "response" AND (c.owner = @owner OR c.owner = @everybody) ORDER BY c.depth`,
      parameters: [
        { name: '@owner', value: owner },
        { name: '@everybody', value: EVERYBODY },
      ],
    },
    chainId,
  );

const viewOf = (entry: ChainEntry): ChainView => ({
  id: entry.chainId,
  object: 'chain',
  title: entry.title,
  created_at: entry.createdAt,
  last_turn_at: entry.lastTurnAt,
});

/** Of a chain that the caller may read but has added nothing to: the analysis of somebody's document. */
function viewOfTurns(chainId: string, turns: readonly TurnRow[]): ChainView {
  const times = turns.map((turn) => turn.createdAt);
  return {
    id: chainId,
    object: 'chain',
    title: turns[0]?.preview ?? '',
    created_at: Math.min(...times),
    last_turn_at: Math.max(...times),
  };
}

const turnView = (turn: TurnRow): TurnView => ({
  id: turn.id,
  object: 'chain.turn',
  parent_id: turn.parentId,
  status: turn.status,
  model: turn.model,
  created_at: turn.createdAt,
  tokens: turn.tokens ?? null,
  preview: turn.preview,
  background: turn.background,
  images: turn.status === 'deleted' ? 0 : turn.images,
  rebuilt: turn.rebuilt ?? false,
});
