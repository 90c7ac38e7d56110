import type { ChainRecord } from './record.ts';
import type { ChainStore } from './store.ts';

/** What several responses may name, and what goes with the last of them. */
export interface Shared {
  /** Whether the id names one that is the owner's: an id in a record is only what somebody wrote there. */
  includes(owner: string, id: string): Promise<boolean>;
  /** Removes it, at the service and here. */
  forget(owner: string, id: string): Promise<void>;
}

/** Uploaded files, and containers that the service made for answers. */
export type SharedKind = 'files' | 'containers';

/** The fields of a record that name them. */
const FIELDS = {
  files: ['fileIds', 'serviceFiles'],
  containers: ['containerIds'],
} as const satisfies Record<SharedKind, (keyof ChainRecord)[]>;

export const namedBy = (record: ChainRecord, kind: SharedKind): string[] =>
  FIELDS[kind].flatMap((field) => record[field] ?? []);

/** Of these ids those that are the owner's, and that no response names any more. */
export async function unnamed(
  store: Pick<ChainStore, 'query'>,
  shared: Shared,
  named: { owner: string; kind: SharedKind; ids: readonly string[] },
): Promise<string[]> {
  const found: string[] = [];
  for (const id of new Set(named.ids)) {
    const gone = !(await isNamed(store, named.owner, named.kind, id));
    if (gone && (await shared.includes(named.owner, id))) found.push(id);
  }
  return found;
}

/** Whether a response of the owner that is not deleted names it. */
export async function isNamed(
  store: Pick<ChainStore, 'query'>,
  owner: string,
  kind: SharedKind,
  id: string,
): Promise<boolean> {
  const names = FIELDS[kind].map((field) => `ARRAY_CONTAINS(c.${field}, @id)`).join(' OR ');
  const { rows } = await store.query<string>(
    {
      query: `SELECT TOP 1 VALUE c.id FROM c WHERE c.owner = @owner AND c.status != "deleted" AND (${names})`,
      parameters: [
        { name: '@owner', value: owner },
        { name: '@id', value: id },
      ],
    },
    { pageSize: 1 },
  );
  return rows.length > 0;
}

/**
 * Removes what only this record has named.
 * @param last what is known to go with it, or with others that go together with it
 */
export async function removeUnnamed(
  store: Pick<ChainStore, 'query'>,
  shared: Shared,
  record: ChainRecord,
  kind: SharedKind,
  last?: readonly string[],
): Promise<void> {
  const { owner } = record;
  const ids = namedBy(record, kind);
  const going =
    last === undefined ? await unnamed(store, shared, { owner, kind, ids }) : ids.filter((id) => last.includes(id));
  for (const id of going) await shared.forget(owner, id);
}
