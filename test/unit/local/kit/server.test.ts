import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { generate } from 'selfsigned';
import { describe, expect, it } from 'vitest';
import { listen, type RunningServer } from '../../../../local/kit/server.ts';

const hello: Parameters<typeof listen>[0] = (_request, response) => {
  response.end('hello');
};

/** What a caller gets, or the reason why it gets nothing. */
async function ask({ address }: RunningServer): Promise<string> {
  try {
    return await (await fetch(address)).text();
  } catch (error) {
    const { cause } = error as Error;
    return cause instanceof Error && 'code' in cause ? String(cause.code) : 'no answer';
  }
}

describe('listen', () => {
  it('takes a free port and says which', async () => {
    const server = await listen(hello);
    expect(server.port).toBeGreaterThan(0);
    expect(server.address).toBe(`http://127.0.0.1:${server.port}`);
    expect(await ask(server)).toBe('hello');
    await server.stop();
  });

  it('takes the port it is given, which is free again after stop', async () => {
    const first = await listen(hello);
    await first.stop();
    const second = await listen(hello, { port: first.port });
    expect(second.port).toBe(first.port);
    await second.stop();
  });

  it('fails when the port is in use', async () => {
    const server = await listen(hello);
    await expect(listen(hello, { port: server.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect(await ask(server)).toBe('hello');
    await server.stop();
  });

  it('speaks https with a certificate', async () => {
    const certificate = await generate([{ name: 'commonName', value: 'localhost' }], {
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
    });
    const server = await listen(hello, { tls: { cert: certificate.cert, key: certificate.private } });
    expect(server.address).toBe(`https://127.0.0.1:${server.port}`);
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      get(server.address, { ca: certificate.cert, agent: false }, resolve).on('error', reject);
    });
    expect(await text(response)).toBe('hello');
    await server.stop();
  });
});

describe('stop', () => {
  it('may be called again, also at the same time', async () => {
    const server = await listen(hello);
    await Promise.all([server.stop(), server.stop()]);
    await server.stop();
    expect(await ask(server)).toBe('ECONNREFUSED');
  });

  it('lets an open request finish', async () => {
    let finish: (() => void) | undefined;
    const server = await listen((_request, response) => {
      finish = () => response.end('finished');
    });
    const answer = ask(server);
    await expect.poll(() => finish).toBeDefined();
    const stopped = server.stop();
    finish?.();
    expect(await answer).toBe('finished');
    await stopped;
  });

  it('does not wait for ever for a request that never ends', async () => {
    let arrived = false;
    const server = await listen(() => {
      arrived = true;
    });
    const answer = ask(server);
    await expect.poll(() => arrived).toBe(true);
    await server.stop();
    expect(await answer).toMatch(/ECONNRESET|UND_ERR_SOCKET/);
  });

  it('does not wait for a connection that says nothing', async () => {
    const server = await listen(hello);
    const socket = connect(server.port, '127.0.0.1');
    await once(socket, 'connect');
    const closed = once(socket, 'close');
    await server.stop();
    await closed;
  });
});
