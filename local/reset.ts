/** `npm run reset`: forgets everything that the local world has kept. */
import { rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { refuseArguments } from './world/arguments.ts';
import { note } from './world/console.ts';
import { dataFolderPath, lockDataFolder } from './world/data-folder.ts';
import { runCommand } from './world/process-end.ts';
import { StartFailure } from './world/start-failure.ts';

/** @throws StartFailure when the world runs, or the folder does not look like one of ours. */
async function reset(path: string): Promise<void> {
  if (!existsSync(path)) {
    note('reset', `There is nothing to forget: ${path} does not exist.`);
    return;
  }
  if (!existsSync(join(path, 'lock'))) {
    throw new StartFailure(`${path} has not been made by npm start (it holds no file "lock"): it is left alone.`);
  }
  lockDataFolder(path).release();
  await rm(path, { recursive: true });
  note('reset', `${path} is gone.`);
}

await runCommand(() => {
  refuseArguments('npm run reset');
  return reset(dataFolderPath());
});
