import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { descendants, isAlive } from '../support/process-tree.ts';
import { clientFor, openBlobs, openDatabase, startWorld, type World } from '../support/world.ts';

const KEY = 'somebody';
/** From Ctrl+C to silence, as local/README.md promises it: a stop that takes longer is cut short by then. */
const STOP_LIMIT_MS = 2_000;

/** Starting a world takes three seconds; a machine that does much else may need many times that. */
const START_PATIENCE_MS = 120_000;

let dataFolder: string;
/** One after the other, in the same folder. */
let world: World;
beforeAll(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'kept-'));
  world = await startWorld({ dataFolder });
});
afterAll(async () => {
  await world.stop();
  await rm(dataFolder, { recursive: true });
});

describe('npm start', () => {
  it('says exactly once that it is ready, and what to try', () => {
    const lines = world.output().split('\n');
    expect(lines.filter((line) => line.startsWith('Ready: '))).toEqual([`Ready: ${world.endpoints.gateway}`]);
    expect(lines[0]).toBe(`Ready: ${world.endpoints.gateway}`);
    for (const hint of ['curl', 'new OpenAI', 'npm run drop']) expect(world.output()).toContain(hint);
  });

  it('is ready when it says so', async () => {
    expect((await fetch(`${world.endpoints.gateway}/health`)).status).toBe(200);
  });

  it('tells where everything is', async () => {
    const { endpoints } = world;
    for (const name of ['gateway', 'openai', 'blob', 'queue', 'table', 'cosmos', 'identity'] as const) {
      expect(new URL(endpoints[name]).hostname, name).toBe('127.0.0.1');
    }
    expect(await readFile(endpoints.caFile, 'utf8')).toContain('BEGIN CERTIFICATE');
    expect(isAlive(endpoints.hostPid ?? 0)).toBe(true);
  });

  it('has made the containers of the data account and of the database', async () => {
    const names: string[] = [];
    for await (const { name } of (await openBlobs(world.endpoints)).listContainers()) names.push(name);
    expect(names).toEqual(expect.arrayContaining(['pdfs', 'analyses', 'images', 'files', 'payloads', 'events']));
    const { resources } = await (await openDatabase(world.endpoints)).containers.readAll().fetchAll();
    expect(resources.map(({ id, partitionKey, defaultTtl }) => [id, partitionKey?.paths, defaultTtl])).toEqual([
      ['chains', ['/chainId'], -1],
      ['directory', ['/owner'], -1],
    ]);
  });

  it('brings the host back at the same address when it dies, with what was stored', async () => {
    const client = clientFor(world.endpoints, KEY);
    const { id } = await client.responses.create({ model: 'gpt-4.1', input: 'Say hello' });
    await world.killHost();
    const after = await world.currentEndpoints();
    expect(after.gateway).toBe(world.endpoints.gateway);
    expect(after.hostPid).not.toBe(world.endpoints.hostPid);
    expect((await client.responses.retrieve(id)).id).toBe(id);
  });
});

describe('stopping and starting again', () => {
  it(
    'ends within two seconds of Ctrl+C, leaves no process behind, and keeps the state',
    async () => {
      const client = clientFor(world.endpoints, KEY);
      const { id } = await client.responses.create({ model: 'gpt-4.1', input: 'The word is blue.' });
      const processes = descendants(world.pid);
      expect(processes.length).toBeGreaterThanOrEqual(3);
      const since = performance.now();
      expect(await world.interrupt()).toBe(0);
      expect(performance.now() - since).toBeLessThan(STOP_LIMIT_MS);
      expect(processes.filter(isAlive)).toEqual([]);

      const { openai } = world.endpoints;
      world = await startWorld({ dataFolder });
      expect(world.endpoints.openai).toBe(openai);
      const again = clientFor(world.endpoints, KEY);
      expect((await again.responses.retrieve(id)).id).toBe(id);
      const next = await again.responses.create({ model: 'gpt-4.1', input: 'Which word?', previous_response_id: id });
      expect(next.previous_response_id).toBe(id);
    },
    START_PATIENCE_MS,
  );

  it('leaves no process behind even when it is killed', async () => {
    const processes = descendants(world.pid);
    process.kill(world.pid, 'SIGKILL');
    await vi.waitFor(() => expect(processes.filter(isAlive)).toEqual([]), { timeout: 10_000, interval: 100 });
  });
});
