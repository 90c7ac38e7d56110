import { forEachOf } from '../chains/concurrency.ts';
import type { Deletion, Histories } from '../chains/deletion.ts';
import type { Directory } from '../chains/directory.ts';
import type { ChainRecord } from '../chains/record.ts';
import { forgetEmptyChain } from '../chains/removal.ts';
import type { ChainStore } from '../chains/store.ts';
import type { Tally } from './tally.ts';

const AT_MOST = 500;
const AT_ONCE = 4;

/** Tries again what deletions could not remove, until nothing is left. */
export async function finishDeletions(
  deps: { store: ChainStore; directory: Directory; deletion: Pick<Deletion, 'clear'> },
  histories: Histories,
  tally: Tally,
): Promise<void> {
  const { rows } = await deps.store.query<ChainRecord>(
    { query: 'SELECT * FROM c WHERE c.status = "deleted" AND (IS_DEFINED(c.pending) OR c.leaves = true)' },
    { pageSize: AT_MOST },
  );
  await forEachOf(rows, AT_ONCE, (buried) =>
    tally.count(async () => {
      // Whoever deletes a whole chain may have been stopped before it was taken out of the list.
      if (buried.leaves === true) await forgetEmptyChain(deps, buried);
      if (!(await deps.deletion.clear(buried, histories))) throw new Error('Something could not be removed yet.');
    }),
  );
}
