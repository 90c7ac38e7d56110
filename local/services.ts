/** `npm run services`: everything but the Functions host, for people who start that with Core Tools (`func start`). */
import { join } from 'node:path';
import { refuseArguments } from './world/arguments.ts';
import { note } from './world/console.ts';
import { dataFolderPath, lockDataFolder } from './world/data-folder.ts';
import { forgetEndpoints, servicesOf, writeEndpoints } from './world/endpoints.ts';
import { writeLocalSettings } from './world/local-settings.ts';
import { requireFreePort, type Ports } from './world/ports.ts';
import { asked, runCommand, runToEnd } from './world/process-end.ts';
import { startStandIns, type StandIns } from './world/stand-ins.ts';

/** The addresses of local.settings.sample.json: storage where `UseDevelopmentStorage=true` looks, Cosmos DB where its emulator is. */
const PORTS: Ports = {
  identity: 7073,
  cosmos: 8081,
  openai: 7072,
  hostBlob: 10_000,
  hostQueue: 10_001,
  hostTable: 10_002,
  dataBlob: 0,
  dataQueue: 0,
  dataTable: 0,
};
/** Where `func start` listens unless it is told otherwise. */
const GATEWAY = 'http://127.0.0.1:7071';

/** State of its own: its storage is one account, that of `npm start` is two. */
async function start(folder: string): Promise<StandIns> {
  await forgetEndpoints(folder);
  await Promise.all(Object.values(PORTS).map(requireFreePort));
  const standIns = await startStandIns({
    folder: join(folder, 'services'),
    ports: PORTS,
    storage: 'development',
    openaiEndpoint: process.env.AZURE_OPENAI_ENDPOINT || undefined,
  });
  await writeEndpoints(folder, { gateway: GATEWAY, ...servicesOf(standIns) });
  return standIns;
}

async function main(): Promise<void> {
  refuseArguments('npm run services');
  const end = asked();
  const { path } = lockDataFolder(dataFolderPath());
  const standIns = await start(path);
  const written = await writeLocalSettings(standIns);
  note('services', `Everything but the host is up; ${written} points at it.`);
  process.stdout.write('Ready: now run "npm run build" and "func start" in another terminal.\n');
  await runToEnd(standIns, end);
}

await runCommand(main);
