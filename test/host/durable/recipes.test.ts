import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAzurite } from '../../../local/storage.ts';
import { HostProcess } from './host-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'durable-recipes-'));
let storage: Awaited<ReturnType<typeof startAzurite>>;
let host: HostProcess;
beforeAll(async () => {
  storage = await startAzurite({ folder });
  host = await HostProcess.start({ environment: { AzureWebJobsStorage: storage.connectionString } });
});
afterAll(async () => {
  await host[Symbol.asyncDispose]();
  await storage.stop();
  rmSync(folder, { recursive: true, force: true });
});

const completed = (output: unknown) => ({ runtimeStatus: 'Completed', output });

describe('what the public samples do', () => {
  it('greets, by name and by registered function', async () => {
    const greetings = ['Hello Oslo', 'Hello Lima', 'Hello Cairo'];
    expect(await host.hub.run('greet-three', null)).toMatchObject(completed(greetings));
    const one = await host.hub.run('greet-one', 'Rome');
    expect(one).toMatchObject({ ...completed('Hello Rome'), customStatus: 'Hello Rome' });
  });

  it('cancels a timer that it never waited for', async () => {
    expect(await host.hub.run('cancel-timer', null)).toMatchObject(completed('Hello from the other side'));
  });

  it('counts with a plain number through new executions', async () => {
    expect(await host.hub.run('count-to-ten')).toMatchObject(completed(10));
  });

  it('verifies a code: the right one, the right one at last, never', async () => {
    const answers = async (...codes: number[]) => {
      const id = await host.hub.start('verify-code', '+47');
      for (const code of codes) await host.hub.raise(id, 'answer', code);
      return host.hub.end(id);
    };
    expect(await answers(4711)).toMatchObject(completed(true));
    expect(await answers(1, 2, 4711)).toMatchObject(completed(true));
    expect(await answers(1, 2, 3)).toMatchObject(completed(false));
  });

  it('gives up retries of both kinds', async () => {
    expect(await host.hub.run('retry-in-vain')).toMatchObject(
      completed([
        "Activity function 'unreliable' failed: as always",
        "Orchestrator function 'always-throws' failed: does what it says",
      ]),
    );
  });
});

describe('outputs of an activity', () => {
  it('are written, with fields of its input in their path', async () => {
    const files = ['one', 'two', 'three'].map((name) => ({ folder: 'texts', name, text: `content of ${name}` }));
    expect(await host.hub.run('back-up-all', files)).toMatchObject(completed(14 + 14 + 16));
    const container = BlobServiceClient.fromConnectionString(storage.connectionString).getContainerClient('backups');
    for (const { name, text } of files) {
      expect((await container.getBlobClient(`texts/${name}`).downloadToBuffer()).toString()).toBe(text);
    }
    const queue = QueueServiceClient.fromConnectionString(storage.connectionString).getQueueClient('backup-reports');
    const { receivedMessageItems } = await queue.receiveMessages({ numberOfMessages: 10 });
    // Microsoft's host writes JSON with line breaks.
    const reports = receivedMessageItems.map(({ messageText }): unknown =>
      JSON.parse(Buffer.from(messageText, 'base64').toString()),
    );
    expect(reports).toEqual(expect.arrayContaining(['one', 'two', 'three'].map((saved) => ({ saved }))));
    expect(reports).toHaveLength(3);
  });
});
