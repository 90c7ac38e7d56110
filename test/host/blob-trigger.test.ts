import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { startExampleHost, type ExampleHost } from './support/example-host.ts';

describe('blob functions', () => {
  let host: ExampleHost;
  beforeAll(async () => {
    host = await startExampleHost({ containers: ['inbox', 'references', 'events', 'poisoned'] });
  });
  afterAll(() => host.stop());

  async function upload(container: string, name: string, content: string | Buffer, metadata?: Record<string, string>) {
    const blob = host.blobs.getContainerClient(container).getBlockBlobClient(name);
    return blob.upload(content, Buffer.byteLength(content), { metadata });
  }

  async function reportsAbout(name: string, path: string): Promise<unknown[]> {
    const all = await host.reports(name);
    return all.filter((each) => JSON.stringify(each).includes(path));
  }

  it('gives a function the bytes and what is known about the blob', async () => {
    const bytes = Buffer.from([0, 1, 2, 255]);
    await upload('inbox', 'deep/er/photo.large.jpg', bytes, { Owner: 'me' });
    const [report] = await host.reported('plainBlob');
    const uri: unknown = expect.stringContaining('/inbox/deep');
    expect(report).toMatchObject({
      bytes: bytes.toString('base64'),
      metadata: {
        blobTrigger: 'inbox/deep/er/photo.large.jpg',
        name: 'deep/er/photo.large',
        ext: 'jpg',
        uri,
        metadata: { owner: 'me' },
        properties: { contentLength: 4 },
      },
    });
  });

  it('writes what a function returns to its blob output', async () => {
    await upload('inbox', 'copy-me.txt', 'text');
    const copy = host.blobs.getContainerClient('copies').getBlobClient('copy-me.copy');
    const content = await eventually('the copy', () => copy.downloadToBuffer().catch(() => undefined));
    expect(content.toString()).toBe('text');
  });

  it('leaves alone what the path does not name', async () => {
    await upload('inbox', 'no-extension', 'x');
    await upload('inbox', 'with.extension', 'x');
    await eventually('the other blob', async () => (await reportsAbout('plainBlob', 'with.extension')).at(0));
    expect(await reportsAbout('plainBlob', 'no-extension')).toEqual([]);
  });

  it('fires again for a new version, and not again after a restart', async () => {
    await upload('inbox', 'version.txt', 'one');
    await eventually('the first', async () => (await reportsAbout('plainBlob', 'version.txt')).at(0));
    await upload('inbox', 'version.txt', 'two');
    await eventually('the second', async () => (await reportsAbout('plainBlob', 'version.txt')).at(1));
    await host.restart();
    // A blob that comes later shows that the container has been looked through.
    await upload('inbox', 'marker.txt', 'x');
    await eventually('the marker', async () => (await reportsAbout('plainBlob', 'marker.txt')).at(0));
    expect(await reportsAbout('plainBlob', 'version.txt')).toEqual([]);
  });

  it('gives a function with sdkBinding a reference and no bytes', async () => {
    await upload('references', 'a/big.bin', Buffer.alloc(1_000_000));
    const [reference] = await host.reported('referencedBlob');
    expect(reference).toEqual({
      version: '1.0',
      source: 'AzureStorageBlobs',
      contentType: 'application/json',
      content: JSON.stringify({
        Connection: 'AzureWebJobsStorage',
        ContainerName: 'references',
        BlobName: 'a/big.bin',
      }),
    });
  });

  it('fires a function with source EventGrid by the webhook alone', async () => {
    const { etag = '' } = await upload('events', 'a b/document.pdf', 'content');
    const url = host.blobs.getContainerClient('events').getBlobClient('a b/document.pdf').url;
    await upload('inbox', 'scanned.txt', 'x');
    await eventually('a scan', async () => (await reportsAbout('plainBlob', 'scanned.txt')).at(0));
    expect(await host.reports('eventBlob')).toEqual([]);

    const event = {
      eventType: 'Microsoft.Storage.BlobCreated',
      data: { url, eTag: etag.replaceAll('"', ''), blobType: 'BlockBlob', contentLength: 7 },
    };
    expect((await sendEvents('Host.Functions.eventBlob', 'Notification', [event])).status).toBe(202);
    expect(await host.reported('eventBlob')).toEqual([['content', 'a b/document.pdf']]);
  });

  it('answers the handshake of Event Grid, in both of its forms', async () => {
    const data = { validationCode: 'code-1' };
    const single = await sendEvents('Host.Functions.eventBlob', 'SubscriptionValidation', [{ data }]);
    expect(await single.json()).toEqual({ validationResponse: 'code-1' });
    const cloud = await sendEvents('Host.Functions.eventBlob', 'SubscriptionValidation', {
      data: JSON.stringify(data),
    });
    expect(await cloud.json()).toEqual({ validationResponse: 'code-1' });
  });

  it('fires a function by hand', async () => {
    await upload('events', 'by-hand.txt', 'again');
    const answer = await fetch(`${host.address}/admin/functions/eventBlob`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ input: 'events/by-hand.txt' }),
    });
    expect(answer.status).toBe(202);
    await eventually('the blob', async () => (await reportsAbout('eventBlob', 'by-hand.txt')).at(0));
  });

  it('gives up after five attempts and keeps a note', async () => {
    await upload('poisoned', 'bad.txt', 'x');
    const queue = host.queues.getQueueClient('webjobs-blobtrigger-poison');
    const note = await eventually('the poison message', async () => {
      const { receivedMessageItems } = await queue.receiveMessages().catch(() => ({ receivedMessageItems: [] }));
      return receivedMessageItems[0];
    });
    expect(JSON.parse(Buffer.from(note.messageText, 'base64').toString())).toMatchObject({
      Type: 'BlobTrigger',
      FunctionId: 'Host.Functions.poisonedBlob',
      ContainerName: 'poisoned',
      BlobName: 'bad.txt',
    });
    expect(await host.reports('poisonedBlob')).toHaveLength(5);
  });

  function sendEvents(functionName: string, kind: string, events: unknown): Promise<Response> {
    return fetch(`${host.address}/runtime/webhooks/blobs?functionName=${functionName}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'aeg-event-type': kind },
      body: JSON.stringify(events),
    });
  }
});
