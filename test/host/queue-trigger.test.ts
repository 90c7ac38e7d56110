import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { QUEUE, startExampleHost, type ExampleHost } from './support/example-host.ts';

describe('queue functions', () => {
  let host: ExampleHost;
  beforeAll(async () => {
    host = await startExampleHost();
  });
  afterAll(() => host.stop());

  async function send(queue: string, text: string): Promise<void> {
    await host.queues.getQueueClient(queue).sendMessage(Buffer.from(text).toString('base64'));
  }

  /** Takes messages off a queue until all of these have come. */
  async function receive(queue: string, ...expected: string[]): Promise<void> {
    const client = host.queues.getQueueClient(queue);
    const missing = new Set(expected);
    await eventually(`${expected.join(', ')} in ${queue}`, async () => {
      const answer = await client.receiveMessages({ numberOfMessages: 32 }).catch(() => undefined);
      for (const message of answer?.receivedMessageItems ?? []) {
        missing.delete(Buffer.from(message.messageText, 'base64').toString());
        await client.deleteMessage(message.messageId, message.popReceipt);
      }
      return missing.size === 0 ? true : undefined;
    });
  }

  it('gives a function text as text and JSON parsed, with what is known about the message', async () => {
    await send(QUEUE, 'plain text');
    await send(QUEUE, '{"a":1}');
    const reports = await host.reported('plainMessage', 2);
    const metadata: unknown = expect.objectContaining({ queueTrigger: 'plain text', dequeueCount: 1 });
    expect(reports).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          message: 'plain text',
          type: 'string',
          metadata,
        }),
        expect.objectContaining({ message: { a: 1 }, type: 'object' }),
      ]),
    );
  });

  it('sends what functions hand to a queue output, one message for each element of a list', async () => {
    await fetch(`${host.address}/api/enqueue`, { method: 'POST', body: JSON.stringify(['first', { n: 2 }, 3]) });
    await receive(`${QUEUE}-out`, 'first', '{"n":2}', '3');
  });

  it("fills a blob output's path from the fields of the message", async () => {
    await send('example-orders', '{"id":"o-17","amount":3}');
    const name = await eventually('the order', async () => {
      const container = host.blobs.getContainerClient('orders');
      if (!(await container.exists())) return undefined;
      for await (const blob of container.listBlobsFlat()) return blob.name;
      return undefined;
    });
    expect(name).toMatch(/^o-17\/[0-9a-f-]{36}\.json$/);
  });

  it('gives up after five attempts and moves the message aside', async () => {
    await send('example-poisoned', 'bad');
    await receive('example-poisoned-poison', 'bad');
    expect(await host.reports('poisonedMessage')).toEqual([1, 2, 3, 4, 5]);
  });

  it('gives a message back when the app breaks while a function works on it', async () => {
    await send('example-interrupted', 'one');
    expect(await host.reported('interruptedMessage')).toEqual([1]);
    await fetch(`${host.address}/api/crash`);
    await eventually('the second attempt', async () => {
      const attempts = await host.reports('interruptedMessage');
      return attempts.includes(2) ? true : undefined;
    });
  });

  it('works on several messages at once', async () => {
    const before = (await host.reports('plainMessage')).length;
    await Promise.all(Array.from({ length: 40 }, (_, at) => send(QUEUE, `message ${at}`)));
    await host.reported('plainMessage', before + 40);
  });

  it('fires a function by hand', async () => {
    const answer = await fetch(`${host.address}/admin/functions/plainMessage`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ input: 'by hand' }),
    });
    expect(answer.status).toBe(202);
    await eventually('the report', async () =>
      (await host.reports('plainMessage')).find((report) => JSON.stringify(report).includes('by hand')),
    );
  });
});
