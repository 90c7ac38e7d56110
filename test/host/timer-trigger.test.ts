import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { QUEUE, startExampleHost, type ExampleHost } from './support/example-host.ts';

describe('timer functions', () => {
  let host: ExampleHost;
  beforeAll(async () => {
    host = await startExampleHost();
  });
  afterAll(() => host.stop());

  it('fires on schedule', async () => {
    const [timer] = await host.reported('everySecond', 2);
    expect(timer).toMatchObject({ isPastDue: false, schedule: { adjustForDST: true } });
  });

  it('fires at the start when asked to, and delivers what the function hands to its outputs', async () => {
    await host.reported('atStart');
    const queue = host.queues.getQueueClient(`${QUEUE}-out`);
    const text = await eventually('the message', async () => {
      const { receivedMessageItems } = await queue.receiveMessages().catch(() => ({ receivedMessageItems: [] }));
      return receivedMessageItems[0]?.messageText;
    });
    expect(Buffer.from(text, 'base64').toString()).toBe('from a timer');
  });

  it('fires by hand, and follows the retry policy of the function', async () => {
    const answer = await fetch(`${host.address}/admin/functions/retried`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    expect(answer.status).toBe(202);
    // Microsoft's host adds the exception.
    expect(await host.reported('retried', 3)).toMatchObject(
      [0, 1, 2].map((retryCount) => ({ retryCount, maxRetryCount: 2 })),
    );
  });

  it('remembers when a monitored timer is due', async () => {
    const container = host.blobs.getContainerClient('azure-webjobs-hosts');
    const status = await eventually('the status', async () => {
      for await (const blob of container.listBlobsFlat({ prefix: 'timers/' })) {
        if (blob.name.endsWith('/Host.Functions.atStart/status')) return blob.name;
      }
      return undefined;
    });
    const content = await container.getBlobClient(status).downloadToBuffer();
    const { Next } = JSON.parse(content.toString()) as { Next: string };
    expect(Next).toMatch(/^\d{4}-\d\d-\d\dT/);
  });
});
