import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import type { ServiceClient } from '../upstream/client.ts';
import { entryId, type Directory } from './directory.ts';
import { logFinished } from './log-finished.ts';
import type { Payloads } from './payloads.ts';
import type { ChainRecord, Hanging } from './record.ts';
import type { ChainStore } from './store.ts';

/** The Durable histories of background runs; whoever answers a request or a timer brings them along. */
export interface Histories {
  /** Ends the run's orchestration, if it still lives, and removes its history. Throws when it cannot be removed yet. */
  remove(responseId: string): Promise<void>;
}

/** What several responses may name, and what goes with the last of them. */
export interface Shared {
  /** Whether the id names one that is the owner's: an id in a record is only what somebody wrote there. */
  includes(owner: string, id: string): Promise<boolean>;
  /** Removes it, at the service and here. */
  forget(owner: string, id: string): Promise<void>;
}

export interface DeletionDeps {
  store: ChainStore;
  directory: Pick<Directory, 'remove'>;
  payloads: Pick<Payloads, 'remove'>;
  /** Removes the images of a response. */
  removeImages: (turn: ChainRecord) => Promise<number>;
  /** Removes the event log of a streamed background response. */
  removeLog: (turn: ChainRecord) => Promise<boolean>;
  /** Uploaded files. */
  files: Shared;
  /** Containers that the service made for answers. */
  containers: Shared;
  service: Pick<ServiceClient, 'cancelResponse' | 'deleteResponse' | 'endpoint'>;
  clock: Clock;
  log: Log;
}

/** Deletes single records, in two steps that can each be repeated. */
export interface Deletion {
  /** Makes the record a tombstone. From here on nobody can read or continue it; late writers lose and clean up. */
  bury(record: ChainRecord, options?: { leaves?: boolean }): Promise<ChainRecord | undefined>;
  /** Removes what hangs on a tombstone. What fails stays named by it; says whether nothing is left. */
  clear(buried: ChainRecord, histories: Histories): Promise<boolean>;
  /** What these tombstones of one owner name and no other response does: it goes with them. */
  lastNamed(owner: string, buried: readonly ChainRecord[]): Promise<{ files: string[]; containers: string[] }>;
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
    ['files', filesOf(record).length > 0],
    ['containers', record.containerIds !== undefined],
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
        found.live = now.status === 'queued' || now.status === 'in_progress';
        const leaves = options.leaves === true ? { leaves: true as const } : {};
        if (now.status !== 'deleted') return { ...tombstone(now), ...leaves };
        return options.leaves === true && now.leaves === undefined ? { ...now, ...leaves } : undefined;
      });
      if (found.live && buried !== undefined) logFinished(deps, buried);
      return buried;
    },

    async clear(buried, histories) {
      const pending = buried.pending ?? [];
      const left = (await Promise.all(pending.map((what) => attempt(deps, buried, what, histories)))).filter(
        (what) => what !== undefined,
      );
      if (left.length === 0 && buried.leaves === true) await deps.store.remove(buried);
      else if (pending.length > 0) await noteLeft(deps, buried, left);
      return left.length === 0;
    },

    async lastNamed(owner, buried) {
      const named = {
        files: { owner, fields: FILE_FIELDS, ids: buried.flatMap(filesOf) },
        containers: { owner, fields: CONTAINER_FIELDS, ids: buried.flatMap((turn) => turn.containerIds ?? []) },
      };
      const [files, containers] = await Promise.all([
        unused(deps.store, deps.files, named.files),
        unused(deps.store, deps.containers, named.containers),
      ]);
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
  histories: Histories,
): Promise<Hanging | undefined> {
  try {
    await remove(deps, buried, what, histories);
    return undefined;
  } catch (error) {
    deps.log.cleanUpFailed({ responseId: buried.id, what, error });
    return what;
  }
}

async function remove(deps: DeletionDeps, buried: ChainRecord, what: Hanging, histories: Histories): Promise<void> {
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
      await removeFiles(deps, buried);
      break;
    case 'containers':
      await removeContainers(deps, buried);
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

async function removeFiles(deps: Pick<DeletionDeps, 'store' | 'files'>, record: ChainRecord): Promise<void> {
  const ids = await unused(deps.store, deps.files, { owner: record.owner, fields: FILE_FIELDS, ids: filesOf(record) });
  for (const id of ids) await deps.files.forget(record.owner, id);
}

export async function removeContainers(
  deps: Pick<DeletionDeps, 'store' | 'containers'>,
  record: ChainRecord,
): Promise<void> {
  const { owner, containerIds = [] } = record;
  const ids = await unused(deps.store, deps.containers, { owner, fields: CONTAINER_FIELDS, ids: containerIds });
  for (const id of ids) await deps.containers.forget(owner, id);
}

const filesOf = (record: ChainRecord): string[] => [...(record.fileIds ?? []), ...(record.serviceFiles ?? [])];

type NamingField = 'fileIds' | 'serviceFiles' | 'containerIds';
const FILE_FIELDS: readonly NamingField[] = ['fileIds', 'serviceFiles'];
const CONTAINER_FIELDS: readonly NamingField[] = ['containerIds'];

/** Those of the owner's that no response names any more. */
async function unused(
  store: Pick<ChainStore, 'query'>,
  shared: Pick<Shared, 'includes'>,
  named: { owner: string; fields: readonly NamingField[]; ids: readonly string[] },
): Promise<string[]> {
  const found: string[] = [];
  for (const id of new Set(named.ids)) {
    const used = await isNamed(store, named.owner, named.fields, id);
    if (!used && (await shared.includes(named.owner, id))) found.push(id);
  }
  return found;
}

/** Whether a response of the owner that is not deleted refers to the file. */
export const isUsed = (store: Pick<ChainStore, 'query'>, owner: string, fileId: string): Promise<boolean> =>
  isNamed(store, owner, FILE_FIELDS, fileId);

async function isNamed(
  store: Pick<ChainStore, 'query'>,
  owner: string,
  fields: readonly NamingField[],
  id: string,
): Promise<boolean> {
  const named = fields.map((field) => `ARRAY_CONTAINS(c.${field}, @id)`).join(' OR ');
  const { rows } = await store.query<string>(
    {
      query: `SELECT TOP 1 VALUE c.id FROM c WHERE c.owner = @owner AND c.status != "deleted" AND (${named})`,
      parameters: [
        { name: '@owner', value: owner },
        { name: '@id', value: id },
      ],
    },
    { pageSize: 1 },
  );
  return rows.length > 0;
}
