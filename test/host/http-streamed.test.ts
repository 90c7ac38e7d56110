import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startExampleHost, type ExampleHost } from './support/example-host.ts';
import { onCoreTools } from './support/running-host.ts';

describe('HTTP functions with streaming on', () => {
  let host: ExampleHost;
  beforeAll(async () => {
    host = await startExampleHost({ streams: true });
  });
  afterAll(() => host.stop());
  const get = (path: string, init?: RequestInit): Promise<Response> => fetch(`${host.address}/api${path}`, init);

  it('sends the first part of an answer before the last one is there', async () => {
    const answer = await get('/ticks');
    const arrivals: { text: string; at: number }[] = [];
    for await (const chunk of answer.body ?? []) {
      arrivals.push({ text: Buffer.from(chunk).toString(), at: performance.now() });
    }
    expect(arrivals.map(({ text }) => text).join('')).toBe([0, 1, 2, 3, 4].map((tick) => `data: ${tick}\n\n`).join(''));
    // Four pauses of 200 ms lie between the first and the last: held back, they would arrive as one.
    expect(arrivals.length).toBeGreaterThan(2);
    expect(arrivals.at(-1)!.at - arrivals[0]!.at).toBeGreaterThan(400);
  });

  it('gives a function its request, with route and query values among the parameters', async () => {
    const answer = await get('/echo/World?x=1&x=2', { method: 'POST', body: 'hello', headers: { 'x-test': 'yes' } });
    expect(answer.headers.get('x-ms-invocation-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(await answer.json()).toEqual({
      url: `${host.address}/api/echo/World?x=1&x=2`,
      params: { first: 'World', x: '2' },
      query: [
        ['x', '1'],
        ['x', '2'],
      ],
      test: 'yes',
      body: 'hello',
    });
  });

  it('does not let a query value stand for a route parameter', async () => {
    expect(await (await get('/items/42?id=7')).json()).toMatchObject({ params: { id: '42' } });
  });

  it('does not believe a caller who claims another address', async () => {
    const answer = await get('/echo', {
      headers: {
        'x-forwarded-host': 'elsewhere.example',
        // Microsoft's host hands it on, and waits for ever for the function that has another id.
        ...(onCoreTools ? {} : { 'x-ms-invocation-id': 'mine' }),
      },
    });
    expect(await answer.json()).toMatchObject({ url: `${host.address}/api/echo` });
  });

  it('reads a large chunked upload as it comes', async () => {
    const chunk = Buffer.alloc(100_000, 'x');
    const upload = Readable.toWeb(Readable.from(Array.from({ length: 200 }, () => chunk)));
    const answer = await get('/count', { method: 'POST', body: upload, duplex: 'half' });
    expect(await answer.json()).toEqual({ bytes: 20_000_000 });
  });

  it('takes a whole body too', async () => {
    const sha256 = createHash('sha256').update('chunked').digest('hex');
    expect(await (await get('/digest', { method: 'POST', body: 'chunked' })).json()).toEqual({ length: 7, sha256 });
  });

  it('writes cookies and bytes', async () => {
    expect((await get('/cookies')).headers.getSetCookie()).toEqual([
      'plain=a%20b',
      'full=v; Max-Age=60; Path=/api; HttpOnly; Secure; SameSite=Strict',
    ]);
    expect([...new Uint8Array(await (await get('/binary')).arrayBuffer())]).toEqual([0, 255, 1, 254]);
  });

  it('answers 404 to what no function takes', async () => {
    expect((await get('/nosuch')).status).toBe(404);
    expect((await get('/count')).status).toBe(404);
  });

  // On the real host these two callers wait until the gateway gives up.
  it.skipIf(onCoreTools)('answers for a function that throws or returns nothing, and warns', async () => {
    expect((await get('/throws')).status).toBe(500);
    expect((await get('/nothing')).status).toBe(204);
    expect(host.lines.filter((line) => line.includes('In Azure its caller would get no answer'))).toHaveLength(2);
  });

  it('survives callers who leave in the middle', async () => {
    for (let caller = 0; caller < 3; caller += 1) {
      const leave = new AbortController();
      const answer = await get('/ticks', { signal: leave.signal });
      await answer.body?.getReader().read();
      leave.abort();
    }
    // Long enough for the functions to write into the closed connections: they take a second in all.
    await (await get('/ticks')).text();
    expect(await host.reports('lifecycle')).toEqual(['appStart']);
    expect(host.lines.join()).not.toContain('Nobody caught this');
  });

  it('serves many at once', async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, (_, at) => get(`/items/${at}`)));
    const names = await Promise.all(answers.map(async (answer) => (await answer.json()) as { params: { id: string } }));
    expect(names.map(({ params }) => Number(params.id))).toEqual(Array.from({ length: 100 }, (_, at) => at));
  });
});
