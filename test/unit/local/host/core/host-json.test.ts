import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readHostJson } from '../../../../../local/host/core/host-json.ts';

describe('host.json', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'host-json-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function read(text: string, environment: Record<string, string> = {}) {
    await writeFile(join(folder, 'host.json'), text);
    return readHostJson(folder, environment);
  }

  it('has the defaults of the real host', async () => {
    const { hostJson, warnings } = await read('{ "version": "2.0" }');
    expect(warnings).toEqual([]);
    expect(hostJson.functionTimeout).toBe(30 * 60_000);
    expect(hostJson.extensions.http.routePrefix).toBe('api');
    expect(hostJson.extensions.queues).toMatchObject({ batchSize: 16, maxDequeueCount: 5, visibilityTimeout: 0 });
    expect(hostJson.extensions.blobs.poisonBlobThreshold).toBe(5);
  });

  it('is read as .NET reads it: comments, trailing commas, a byte order mark, keys in any case', async () => {
    const { hostJson, warnings } = await read(`\uFEFF{
      // one
      "Version": "2.0", /* two */
      "functiontimeout": "00:10:00",
      "Extensions": { "HTTP": { "RoutePrefix": "" }, },
      "extensionBundle": { "id": "x" },
    }`);
    expect(warnings).toEqual([]);
    expect(hostJson.functionTimeout).toBe(600_000);
    expect(hostJson.extensions.http.routePrefix).toBe('');
  });

  it('knows no limit for functions', async () => {
    expect((await read('{ "version": "2.0", "functionTimeout": "-1" }')).hostJson.functionTimeout).toBe(Infinity);
  });

  it('is overridden by the environment', async () => {
    const { hostJson } = await read('{ "version": "2.0", "extensions": { "queues": { "batchSize": 4 } } }', {
      AzureFunctionsJobHost__extensions__queues__batchSize: '7',
      AzureFunctionsJobHost__extensions__http__routePrefix: 'v1',
      AzureFunctionsJobHost__functionTimeout: '00:00:05',
    });
    expect(hostJson.extensions.queues.batchSize).toBe(7);
    expect(hostJson.extensions.http.routePrefix).toBe('v1');
    expect(hostJson.functionTimeout).toBe(5000);
  });

  it('leaves the Durable section to Durable', async () => {
    const { hostJson, warnings } = await read(
      '{ "version": "2.0", "extensions": { "durableTask": { "hubName": "H" } } }',
    );
    expect(hostJson.extensions.durableTask).toEqual({ hubName: 'H' });
    expect(warnings).toEqual([]);
  });

  it('is needed', () => {
    expect(() => readHostJson(join(folder, 'nowhere'), {})).toThrow('There is no host.json');
  });
});
