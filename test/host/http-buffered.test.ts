import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startExampleHost, type ExampleHost } from './support/example-host.ts';
import { onCoreTools } from './support/running-host.ts';

describe('HTTP functions', () => {
  let host: ExampleHost;
  beforeAll(async () => {
    host = await startExampleHost({ settings: { EXAMPLE_SETTING: 'from the environment' } });
  });
  afterAll(() => host.stop());
  const get = (path: string, init?: RequestInit): Promise<Response> => fetch(`${host.address}/api${path}`, init);

  it('gives a function its request: method, address, parameters, headers, body', async () => {
    const answer = await get('/echo/World?x=1', { method: 'POST', body: 'hello', headers: { 'x-test': 'yes' } });
    expect(answer.headers.get('x-method')).toBe('POST');
    expect(await answer.json()).toEqual({
      url: `${host.address}/api/echo/World?x=1`,
      params: { first: 'World' },
      query: [['x', '1']],
      test: 'yes',
      body: 'hello',
    });
  });

  it('joins query values of one name', async () => {
    expect(await (await get('/echo?a=1&a=2&b=3')).json()).toMatchObject({
      query: [
        ['a', '1,2'],
        ['b', '3'],
      ],
    });
  });

  it.each([
    // The function 'literal' has this very address, and is never asked: 'free' comes before it.
    ['/items/special', { name: 'free', params: { name: 'special' } }],
    ['/ITEMS/Special', { name: 'free', params: { name: 'Special' } }],
    ['/items/42', { name: 'constrained', params: { id: '42' } }],
    ['/items/abc', { name: 'free', params: { name: 'abc' } }],
    ['/items/a%20b', { name: 'free', params: { name: 'a b' } }],
    ['/items/a/b/c', { name: 'rest', params: { path: 'a/b/c' } }],
  ])('asks the functions in the order of their names, whatever their routes: %s', async (path, expected) => {
    expect(await (await get(path)).json()).toEqual(expected);
  });

  it('leaves out optional parameters that were not given', async () => {
    expect(await (await get('/echo')).json()).toMatchObject({ params: {} });
  });

  it('says that the app is up where a browser first looks', async () => {
    const answer = await fetch(`${host.address}/`);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('up and running');
    // Not asked of Microsoft's host: what it says to that was not seen.
    if (!onCoreTools) expect((await fetch(`${host.address}/`, { method: 'POST' })).status).toBe(404);
  });

  it.each([
    ['/nosuch', 'GET'],
    ['/items/42', 'DELETE'],
    ['/disabled', 'GET'],
    ['', 'GET'],
  ])('answers 404 to what no function takes: %s %s', async (path, method) => {
    expect((await get(path, { method })).status).toBe(404);
  });

  it('answers 500 without a body when a function throws, and 204 when it returns nothing', async () => {
    const thrown = await get('/throws');
    expect([thrown.status, await thrown.text()]).toEqual([500, '']);
    expect((await get('/nothing')).status).toBe(204);
  });

  it('writes cookies as the real host does: escaped, with a path', async () => {
    expect((await get('/cookies')).headers.getSetCookie()).toEqual([
      'plain=a%20b; path=/',
      'full=v; max-age=60; path=/api; secure; samesite=strict; httponly',
    ]);
  });

  it('passes bytes, status and headers through', async () => {
    const answer = await get('/binary');
    expect(answer.status).toBe(201);
    expect(answer.headers.get('content-type')).toBe('image/x-test');
    if (!onCoreTools) expect(answer.headers.get('content-length')).toBe('4');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect([...new Uint8Array(await answer.arrayBuffer())]).toEqual([0, 255, 1, 254]);
  });

  it('takes only the methods that a function names', async () => {
    expect((await get('/binary', { method: 'HEAD' })).status).toBe(404);
  });

  it('takes large bodies', async () => {
    const bytes = Buffer.alloc(8_000_000, 'abc');
    const answer = await get('/digest', { method: 'POST', body: bytes });
    expect(await answer.json()).toEqual({
      length: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    });
  });

  it('takes a chunked body, or loses it as Azure does; says so here', async () => {
    const body = Readable.toWeb(Readable.from([Buffer.from('one'), Buffer.from('two')]));
    const answer = await get('/digest', { method: 'POST', body, duplex: 'half' });
    expect(await answer.json()).toMatchObject({ length: onCoreTools ? 0 : 6 });
    if (!onCoreTools) expect(host.lines.some((line) => line.includes('would find it empty'))).toBe(true);
  });

  it('runs the app in its folder, with the settings that apps rely on', async () => {
    const port = new URL(host.address).port;
    expect(await (await get('/where')).json()).toEqual({
      folder: host.appFolder,
      WEBSITE_HOSTNAME: `localhost:${port}`,
      FUNCTIONS_WORKER_RUNTIME: 'node',
      EXAMPLE_SETTING: 'from the environment',
    });
  });

  it('runs the hooks of the app', async () => {
    const answer = await get('/hooked');
    expect([answer.status, await answer.text()]).toEqual([418, 'from postInvocation']);
    expect(await host.reports('lifecycle')).toEqual(['appStart']);
  });

  it('lets every request in, as Core Tools do', async () => {
    expect(await (await get('/secured')).text()).toBe('function');
    expect(await (await get('/master')).text()).toBe('admin');
  });
});
