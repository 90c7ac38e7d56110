import type { Clock } from '../platform/clock.ts';
import { originOf, type Log } from '../platform/log.ts';
import type { ServiceClient } from '../upstream/client.ts';
import { entryId, type Directory } from './directory.ts';
import { logFinished } from './log-finished.ts';
import type { Payloads } from './payloads.ts';
import type { ChainRecord, Hanging } from './record.ts';
import { namedBy, removeUnnamed, unnamed, type Shared, type SharedKind } from './shared.ts';
import { isLive } from './status.ts';
import type { ChainStore } from './store.ts';

/** The Durable histories of background runs; whoever answers a request or a timer brings them along. */
export interface Histories {
  /** Ends the run's orchestration, if it still lives, and removes its history. Throws when it cannot be removed yet. */
  remove(responseId: string): Promise<void>;
}

/** What goes with tombstones, because no other response names it. */
export type LastNamed = Readonly<Record<SharedKind, readonly string[]>>;

export interface DeletionDeps {
  store: ChainStore;
  directory: Pick<Directory, 'remove'>;
  payloads: Pick<Payloads, 'remove'>;
  /** Removes the images of a response. */
  removeImages: (turn: ChainRecord) => Promise<number>;
  /** Removes the event log of a streamed background response. */
  removeLog: (turn: ChainRecord) => Promise<boolean>;
  files: Shared;
  containers: Shared;
  service: Pick<ServiceClient, 'cancelResponse' | 'deleteResponse' | 'endpoint'>;
  clock: Clock;
  log: Log;
}

/** Deletes single records, in two steps that can each be repeated. */
export interface Deletion {
  /** Makes the record a tombstone. From here on nobody can read or continue it; late writers lose and clean up. */
  bury(record: ChainRecord, options?: { leaves?: boolean }): Promise<ChainRecord | undefined>;
  /**
   * Removes what hangs on a tombstone. What fails stays named by it; says whether nothing is left.
   * @param last of the tombstones that go together, when it is known already
   */
  clear(buried: ChainRecord, histories: Histories, last?: LastNamed): Promise<boolean>;
  /** What these tombstones of one owner name and no other response does: it goes with them. */
  lastNamed(owner: string, buried: readonly ChainRecord[]): Promise<LastNamed>;
}

/** How long a tombstone keeps an id from being mistaken for an unknown one. Every failed attempt to clear it starts anew. */
const TOMBSTONE_SECONDS = 7 * 24 * 3600;

/** A record without content: only what is needed to find what hangs on it. */
export const tombstone = (record: ChainRecord): ChainRecord => ({
  ...record,
  status: 'deleted',
  preview: '',
  request: { inline: {} },
  input: { inline: [] },
  envelope: { inline: {} },
  output: { inline: [] },
  itemIds: [],
  earlierImage: undefined,
  pending: hangingOn(record),
  ttl: TOMBSTONE_SECONDS,
});

/** Everything a record may have outside of its document. */
function hangingOn(record: ChainRecord): Hanging[] {
  const parts = [record.request, record.input, record.envelope, record.output];
  const hanging: [Hanging, boolean][] = [
    // Parts of a background record that lie in blobs may belong to an earlier version of it.
    ['payloads', record.background || parts.some((part) => !('inline' in part))],
    ['images', record.images.length > 0 || record.imageDeployment !== undefined],
    ['event-log', record.background && record.streamed],
    ['service', record.service !== undefined],
    ['files', namedBy(record, 'files').length > 0],
    ['containers', namedBy(record, 'containers').length > 0],
    ['history', record.background],
    ['delivery', record.run?.webhook?.state === 'pending' || record.run?.webhook?.state === 'given_up'],
  ];
  return hanging.filter(([, there]) => there).map(([what]) => what);
}

export function createDeletion(deps: DeletionDeps): Deletion {
  return {
    async bury(record, options = {}) {
      const found = { live: false };
      const buried = await deps.store.update(record.id, (now) => {
        found.live = isLive(now.status);
        const leaves = options.leaves === true ? { leaves: true as const } : {};
        if (now.status !== 'deleted') return { ...tombstone(now), ...leaves };
        return options.leaves === true && now.leaves === undefined ? { ...now, ...leaves } : undefined;
      });
      if (found.live && buried !== undefined) logFinished(deps, buried);
      return buried;
    },

    async clear(buried, histories, last) {
      const pending = buried.pending ?? [];
      const removed = pending.map((what) =>
        attempt(deps, buried, what, () => remove(deps, buried, what, histories, last)),
      );
      const left = (await Promise.all(removed)).filter((what) => what !== undefined);
      if (left.length === 0 && buried.leaves === true) await deps.store.remove(buried);
      else if (pending.length > 0) await noteLeft(deps, buried, left);
      return left.length === 0;
    },

    async lastNamed(owner, buried) {
      const last = (kind: SharedKind): Promise<string[]> => {
        const turns = buried.filter(({ pending }) => pending?.includes(kind));
        const ids = turns.flatMap((turn) => namedBy(turn, kind));
        return unnamed(deps.store, deps[kind], { owner, kind, ids });
      };
      const [files, containers] = await Promise.all([last('files'), last('containers')]);
      return { files, containers };
    },
  };
}

/** Also when nothing has changed: the tombstone's time starts anew, so that it outlives the fault. */
async function noteLeft(deps: DeletionDeps, buried: ChainRecord, left: Hanging[]): Promise<void> {
  const pending = left.length === 0 ? undefined : left;
  await deps.store.update(buried.id, (now) => (now.status === 'deleted' ? { ...now, pending } : undefined));
}

/** What could not be removed; undefined when it is gone. */
async function attempt(
  deps: DeletionDeps,
  buried: ChainRecord,
  what: Hanging,
  removal: () => Promise<void>,
): Promise<Hanging | undefined> {
  try {
    await removal();
    return undefined;
  } catch (error) {
    deps.log.cleanUpFailed({ ...originOf(buried), what, error });
    return what;
  }
}

async function remove(
  deps: DeletionDeps,
  buried: ChainRecord,
  what: Hanging,
  histories: Histories,
  last: LastNamed | undefined,
): Promise<void> {
  switch (what) {
    case 'payloads':
      await deps.payloads.remove(buried);
      break;
    case 'images':
      await deps.removeImages(buried);
      break;
    case 'event-log':
      await deps.removeLog(buried);
      break;
    case 'service':
      await removeAtService(deps, buried);
      break;
    case 'files':
    case 'containers':
      await removeUnnamed(deps.store, deps[what], buried, what, last?.[what]);
      break;
    case 'history':
      await histories.remove(buried.id);
      break;
    case 'delivery':
      await deps.directory.remove(buried.owner, entryId('webhook', buried.id));
      break;
  }
}

async function removeAtService(deps: DeletionDeps, { service, background, run }: ChainRecord): Promise<void> {
  // An id of another resource means nothing to this one.
  if (service?.endpoint !== deps.service.endpoint) return;
  // Refused for a run that has ended; the deletion below is what counts.
  if (background && run !== undefined) await deps.service.cancelResponse(service.id).catch(() => undefined);
  await deps.service.deleteResponse(service.id);
}
