import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startAzurite } from '../../../local/storage.ts';
import { startHostProcess } from '../support/running-host.ts';

/** The real host, as far as the tests need it. */
export interface CoreToolsHost {
  readonly address: string;
  readonly pid: number;
  readonly lines: readonly string[];
  stop(): Promise<void>;
}

/** Runs an app on Core Tools, with a storage account and a task hub of its own (`npm run test:host -- --func`). */
export async function startCoreTools(
  appFolder: string,
  environment: Readonly<Record<string, string>>,
): Promise<CoreToolsHost> {
  const folder = mkdtempSync(join(tmpdir(), 'durable-storage-'));
  const storage = await startAzurite({ folder, inMemory: true });
  const hubName = `Test${randomUUID().replaceAll('-', '').slice(0, 20)}`;
  const host = await startHostProcess({
    appFolder,
    settings: {
      AzureWebJobsStorage: storage.connectionString,
      FUNCTIONS_WORKER_RUNTIME: 'node',
      AzureFunctionsJobHost__extensions__durableTask__hubName: hubName,
      ...environment,
    },
  });
  return {
    address: host.address,
    pid: host.pid,
    lines: host.lines,
    async stop() {
      await host.stop();
      await storage.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
