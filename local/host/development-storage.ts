import { join } from 'node:path';
import { startAzurite } from '../storage.ts';

/** What a setting says when the app wants the storage emulator. */
const DEVELOPMENT_STORAGE = 'UseDevelopmentStorage=true';

export interface DevelopmentStorage {
  /** Settings that name the emulator, with the connection string of the one that was started. */
  readonly settings: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/**
 * Starts an Azurite of the host's own when a setting asks for the storage emulator; its data stays in the folder.
 * @returns undefined when no setting asks
 */
export async function startDevelopmentStorage(
  environment: Readonly<Record<string, string | undefined>>,
  stateFolder: string,
): Promise<DevelopmentStorage | undefined> {
  const asking = Object.entries(environment)
    .filter(([, value]) => value?.trim().replace(/;$/, '') === DEVELOPMENT_STORAGE)
    .map(([name]) => name);
  if (asking.length === 0) return undefined;
  const azurite = await startAzurite({ folder: join(stateFolder, 'azurite') });
  return {
    settings: Object.fromEntries(asking.map((name) => [name, azurite.connectionString])),
    stop: () => azurite.stop(),
  };
}
