/** A stand-in in a process of its own, on the file that is named by the argument: made to be killed. */
import { startCosmos } from '../../../../local/cosmos/server.ts';

const server = await startCosmos({ dataFile: process.argv[2] ?? ':memory:' });
process.send?.(server.address);
process.once('disconnect', () => void server.stop());
