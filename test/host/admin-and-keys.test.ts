import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startExampleHost, type ExampleHost } from './support/example-host.ts';
import { onCoreTools } from './support/running-host.ts';

describe("the host's own addresses", () => {
  let host: ExampleHost;
  beforeAll(async () => {
    host = await startExampleHost();
  });
  afterAll(() => host.stop());

  it('tells its state and its functions', async () => {
    const status = await fetch(`${host.address}/admin/host/status`);
    expect(await status.json()).toMatchObject({ state: 'Running' });
    const functions = z
      .array(z.looseObject({ name: z.string() }))
      .parse(await (await fetch(`${host.address}/admin/functions`)).json());
    expect(functions.map(({ name }) => name)).toEqual(expect.arrayContaining(['echo', 'plainBlob', 'greet']));
  });

  it.each([
    ['POST', '/admin/functions/nosuch'],
    ['GET', '/runtime/webhooks/nosuch'],
  ])('answers 404 to what is not there: %s %s', async (method, path) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${host.address}${path}`, {
      method,
      headers,
      body: method === 'POST' ? '{}' : undefined,
    });
    expect(answer.status).toBe(404);
  });

  it.skipIf(onCoreTools)('has no API for keys', async () => {
    expect((await fetch(`${host.address}/admin/functions/echo/keys`)).status).toBe(404);
  });

  it('answers while a function keeps the process busy, at the latest after it', async () => {
    const busy = fetch(`${host.address}/api/busy`);
    expect((await fetch(`${host.address}/admin/host/status`)).status).toBe(200);
    expect((await busy).status).toBe(200);
  });

  it('delivers what activities hand to their outputs', async () => {
    const started = await fetch(`${host.address}/api/startGreetings`, { method: 'POST' });
    expect(started.status).toBe(202);
    await host.reported('greet', 2);
    const queue = host.queues.getQueueClient('example-durable');
    const { receivedMessageItems } = await queue.receiveMessages({ numberOfMessages: 2 });
    expect(Buffer.from(receivedMessageItems[0]?.messageText ?? '', 'base64').toString()).toBe('Hello Tokyo');
  });
});

describe.skipIf(onCoreTools)('a host that checks keys', () => {
  let host: ExampleHost;
  let keys: { masterKey: string; functionKeys: { default: string }; systemKeys: Record<string, string> };
  let own: string;
  beforeAll(async () => {
    host = await startExampleHost({ flags: ['--auth'] });
    const read = async (name: string): Promise<unknown> =>
      JSON.parse(await readFile(join(host.appFolder, '.local', 'host', 'keys', `${name}.json`), 'utf8'));
    keys = z
      .object({
        masterKey: z.string(),
        functionKeys: z.object({ default: z.string() }),
        systemKeys: z.record(z.string(), z.string()),
      })
      .parse(await read('host'));
    own = z.object({ keys: z.object({ default: z.string() }) }).parse(await read('secured')).keys.default;
  });
  afterAll(() => host.stop());

  const status = async (path: string, key?: string): Promise<number> =>
    (await fetch(`${host.address}${path}`, { headers: key === undefined ? {} : { 'x-functions-key': key } })).status;

  it('lets everybody call an anonymous function', async () => {
    expect(await status('/api/where')).toBe(200);
    expect(await status('/api/where', 'wrong')).toBe(200);
  });

  it('asks for a key of the function, of the host, or for the master key', async () => {
    expect(await status('/api/secured')).toBe(401);
    expect(await status('/api/secured', 'wrong')).toBe(401);
    expect(await status('/api/secured', keys.systemKeys.blobs_extension)).toBe(401);
    for (const key of [own, keys.functionKeys.default, keys.masterKey])
      expect(await status('/api/secured', key)).toBe(200);
    expect(await status(`/api/secured?code=${own}`)).toBe(200);
    expect(await status(`/api/secured?code=${own}`, 'wrong')).toBe(401);
  });

  it('asks for the master key where a function or the host itself does', async () => {
    for (const path of ['/api/master', '/admin/host/status', '/admin/functions']) {
      expect(await status(path)).toBe(401);
      expect(await status(path, keys.functionKeys.default)).toBe(401);
      expect(await status(path, keys.masterKey)).toBe(200);
    }
  });

  it('asks for a system key at webhooks, and puts it into the links of Durable Functions', async () => {
    const instances = '/runtime/webhooks/durabletask/instances';
    expect(await status(instances)).toBe(401);
    expect(await status(instances, own)).toBe(401);
    expect(await status(instances, keys.systemKeys.durabletask_extension)).toBe(200);
    const started = await fetch(`${host.address}/api/startGreetings`, { method: 'POST' });
    const { statusQueryGetUri } = z.object({ statusQueryGetUri: z.url() }).parse(await started.json());
    expect([200, 202]).toContain((await fetch(statusQueryGetUri)).status);
  });
});
