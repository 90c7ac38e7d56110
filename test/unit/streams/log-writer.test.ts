import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { AnonymousCredential, AppendBlobClient } from '@azure/storage-blob';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/platform/clock.ts';
import { encodeEvent } from '../../../src/streams/frames.ts';
import { LogWriter } from '../../../src/streams/log-writer.ts';

/** One append blob behind the real wire, which can be told to fail. */
let blob: Buffer;
let appends: number;
/** What happens to the next appends: a refusal before, or a lost answer after the work. */
let faults: ('503' | 'lost')[];
let leased: boolean;
let server: Server;
let writer: LogWriter;

const frame = (n: number, filler = '') =>
  encodeEvent({ type: 'response.output_text.delta', delta: filler, sequence_number: n });

beforeEach(async () => {
  [blob, appends, faults, leased] = [Buffer.alloc(0), 0, [], true];
  server = createServer((request, response) => {
    void (async () => {
      const body = await buffer(request);
      const refuse = (status: number, code: string): void => {
        response.writeHead(status, { 'x-ms-error-code': code }).end();
      };
      if (request.method === 'HEAD') return response.writeHead(200, { 'content-length': blob.length }).end();
      if (request.url?.includes('comp=lease') === true) return response.writeHead(200, { 'x-ms-lease-id': 'l' }).end();
      if (!leased) {
        refuse(412, 'LeaseLost');
        return;
      }
      const fault = faults.shift();
      if (fault === '503') {
        refuse(503, 'ServerBusy');
        return;
      }
      if (Number(request.headers['x-ms-blob-condition-appendpos']) !== blob.length) {
        refuse(412, 'AppendPositionConditionNotMet');
        return;
      }
      blob = Buffer.concat([blob, body]);
      appends += 1;
      if (fault === 'lost') return request.socket.destroy();
      response.writeHead(201).end();
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const options = { retryOptions: { maxTries: 1 } };
  const client = new AppendBlobClient(
    `http://127.0.0.1:${port}/account/events/log`,
    new AnonymousCredential(),
    options,
  );
  writer = new LogWriter(
    client,
    client.getBlobLeaseClient('l'),
    { offset: 0, sequence: -1, closed: false },
    systemClock,
  );
});

afterEach(async () => {
  await writer.release();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

describe('LogWriter', () => {
  it('writes frames together, in order', async () => {
    const frames = Array.from({ length: 50 }, (_, n) => frame(n));
    for (const one of frames) writer.write(one);
    await writer.flush();
    expect(blob.toString()).toBe(Buffer.concat(frames.map(({ bytes }) => bytes)).toString());
    expect(appends).toBe(1);
    expect(writer.position).toEqual({ offset: blob.length, sequence: 49, closed: false });
  });

  it('never cuts a frame: what one append holds are whole ones', async () => {
    const frames = Array.from({ length: 3 }, (_, n) => frame(n, 'x'.repeat(3 * 1024 * 1024)));
    for (const one of frames) writer.write(one);
    await writer.flush();
    expect(blob.equals(Buffer.concat(frames.map(({ bytes }) => bytes)))).toBe(true);
    expect(appends).toBe(3);
  });

  it('waits for a store that is out, and loses nothing', async () => {
    faults = ['503', '503'];
    writer.write(frame(0));
    await writer.flush();
    expect(blob.toString()).toBe(frame(0).bytes.toString());
    expect(writer.lost).toBe(false);
  });

  it('knows its own append again when only the answer was lost', async () => {
    faults = ['lost'];
    writer.write(frame(0));
    await writer.flush();
    writer.write(frame(1));
    await writer.flush();
    expect(blob.toString()).toBe(`${frame(0).bytes.toString()}${frame(1).bytes.toString()}`);
    expect(writer.lost).toBe(false);
  });

  it('stops when somebody else has the log', async () => {
    leased = false;
    writer.write(frame(0));
    await writer.flush();
    writer.write(frame(1));
    await writer.flush();
    expect(writer.lost).toBe(true);
    expect(blob).toHaveLength(0);
  });

  it('stops when something else stands in the log than it has written', async () => {
    blob = Buffer.from('not mine');
    writer.write(frame(0));
    await writer.flush();
    expect(writer.lost).toBe(true);
    expect(blob.toString()).toBe('not mine');
  });
});
