import type { Directory } from '../chains/directory.ts';
import { inlineOf, type ChainRecord } from '../chains/record.ts';
import { LostRace } from '../chains/store.ts';
import { containerEntry, containersIn } from '../containers/entry.ts';

/** Whose the containers are that the service made while it answered. No write when there are none. */
export async function noteContainers(directory: Directory, record: ChainRecord): Promise<void> {
  const facts = { name: 'auto', createdAt: record.createdAt, auto: true as const };
  await Promise.all(
    containersIn(inlineOf(record.output) ?? []).map((id) =>
      unlessNoted(directory.create(containerEntry(record.owner, id, facts))),
    ),
  );
}

/** A container that was used before, or that its owner has made, is in the directory already. */
const unlessNoted = (noting: Promise<unknown>): Promise<unknown> =>
  noting.catch((error: unknown) => {
    if (!(error instanceof LostRace)) throw error;
  });
