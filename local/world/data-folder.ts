import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StartFailure } from './start-failure.ts';

/** The folder that holds all state, locked for as long as the process lives. */
export interface DataFolder {
  readonly path: string;
  release(): void;
}

/** The folder that the environment names, as an absolute path. */
export const dataFolderPath = (environment: NodeJS.ProcessEnv = process.env): string =>
  resolve(environment.LOCAL_DATA_DIR?.trim() || '.local');

/**
 * Takes the folder for this process alone. The lock is SQLite's, on a file of the operating system:
 * it is gone with its process, however that ends.
 * @throws StartFailure when another process has it, or it cannot be written.
 */
export function lockDataFolder(path: string): DataFolder {
  let lock: DatabaseSync | undefined;
  try {
    mkdirSync(path, { recursive: true });
    lock = new DatabaseSync(join(path, 'lock'));
    lock.exec('PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;');
  } catch (error) {
    lock?.close();
    const reason = error instanceof Error ? error.message : String(error);
    if (reason.includes('locked')) {
      throw new StartFailure(
        `The data folder ${path} is in use by a local world that is still running: stop it, or set LOCAL_DATA_DIR to another folder.`,
      );
    }
    throw new StartFailure(`The data folder ${path} cannot be used: ${reason}.`);
  }
  const held = lock;
  return { path, release: () => held.close() };
}
