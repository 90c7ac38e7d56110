/** `npm start`: the app and every service it needs, on loopback, as one process tree. */
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { announce, note } from './world/console.ts';
import { dataFolderPath, lockDataFolder, type DataFolder } from './world/data-folder.ts';
import { asked, endProcess, report, runCommand, runToEnd } from './world/process-end.ts';
import { requireFreePort } from './world/ports.ts';
import { StartFailure } from './world/start-failure.ts';

const DEFAULT_PORT = 7071;
/** Compiled code of the tools and the storage emulators: every start but the first has a sixth less to do. */
const COMPILE_CACHE = fileURLToPath(new URL('../node_modules/.cache/compiled', import.meta.url));

interface Order {
  folder: DataFolder;
  port: number;
  watch: boolean;
}

function readOrder(): Order {
  let watch: boolean;
  try {
    watch = parseArgs({ options: { watch: { type: 'boolean', default: false } } }).values.watch;
  } catch (error) {
    throw new StartFailure(`${error instanceof Error ? error.message : String(error)}. Usage: npm start [-- --watch]`);
  }
  const port = Number(process.env.PORT?.trim() || DEFAULT_PORT);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new StartFailure(`PORT=${process.env.PORT ?? ''} is no port: give a number from 0 (any free port) to 65535.`);
  }
  return { folder: lockDataFolder(dataFolderPath()), port, watch };
}

async function main(): Promise<void> {
  const end = asked();
  enableCompileCache(COMPILE_CACHE);
  process.env.NODE_COMPILE_CACHE = COMPILE_CACHE;
  const { folder, port, watch } = readOrder();
  note('start', `The state is in ${folder.path}`);
  await requireFreePort(port);
  // Loaded only now: a refusal should not wait for the SDKs.
  const { startWorld } = await import('./world/world.ts');
  const starting = startWorld({ folder: folder.path, port, watch, environment: process.env });
  const world = await Promise.race([starting, end]);
  if (world === undefined) {
    return endProcess(0, () => starting.then((late) => late.stop()).catch(() => undefined));
  }
  announce(world.gateway);
  // A defect of one stand-in should not take the others down: it is told, and the request that met it fails.
  process.on('uncaughtException', report);
  await runToEnd(world, end);
}

await runCommand(main);
