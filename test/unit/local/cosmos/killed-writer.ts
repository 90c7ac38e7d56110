/** Writes to the data file named by the argument, for ever, and tells the parent each id that was acknowledged. */
import { createItem } from '../../../../local/cosmos/documents/operations.ts';
import { Catalog } from '../../../../local/cosmos/store/catalog.ts';
import { openDatabase } from '../../../../local/cosmos/store/open.ts';

const catalog = new Catalog(openDatabase(process.argv[2] ?? ''), Date.now);
catalog.createDatabase({ id: 'd' });
const container = catalog.createContainer('d', { id: 'c', partitionKey: { paths: ['/pk'] } });

function write(n: number): void {
  createItem(container, undefined, { id: `i${n}`, pk: 'a' });
  process.send?.(`i${n}`);
  setImmediate(write, n + 1);
}
write(0);
process.once('disconnect', () => process.exit());
