import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { listen, type RunningServer } from '../../local/kit/server.ts';
import { commandLine, descendants } from '../support/process-tree.ts';
import { clientFor, startWorld, type World } from '../support/world.ts';

/** Plays another Azure OpenAI resource: it remembers who came, and has nothing to offer. */
let elsewhere: RunningServer;
let visitors: { path: string; authorization: string }[] = [];
let world: World;

beforeAll(async () => {
  elsewhere = await listen((request, response) => {
    visitors.push({ path: request.url ?? '', authorization: request.headers.authorization ?? '' });
    request.resume();
    response.writeHead(400, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({ error: { message: 'Not today.', type: 'invalid_request_error', param: null, code: null } }),
    );
  });
  world = await startWorld({ environment: { AZURE_OPENAI_ENDPOINT: elsewhere.address, AUTH_MODE: 'entra' } });
});
afterAll(async () => {
  await Promise.all([world.stop(), elsewhere.stop()]);
});

async function tokenOf(caller: string, flaw?: string): Promise<string> {
  const answer = await fetch(`${world.endpoints.identity}/_control/tokens`, {
    method: 'POST',
    body: JSON.stringify({ caller, flaw }),
  });
  return z.object({ token: z.string() }).parse(await answer.json()).token;
}

const create = (key: string): Promise<unknown> =>
  clientFor(world.endpoints, key).responses.create({ model: 'gpt-4.1', input: 'Say hello' });

/** The test process knows the storage processes only by what they run. */
const storageProcesses = (): number[] =>
  descendants(world.pid).filter((pid) => commandLine(pid).includes('azurite.js'));

describe('npm start with AZURE_OPENAI_ENDPOINT and AUTH_MODE=entra', () => {
  it('lets callers of the local tenant in, and talks to the other resource', async () => {
    visitors = [];
    await expect(create(await tokenOf('app-with-role'))).rejects.toMatchObject({ status: 400 });
    expect(visitors).toHaveLength(1);
    expect(visitors[0]?.path).toMatch(/^\/openai\/v1\/responses/);
    expect(visitors[0]?.authorization).toMatch(/^Bearer /);
    expect(world.endpoints.openai).toBe(elsewhere.address);
  });

  it.each([
    ['a key', () => Promise.resolve('any'), 401],
    ['an expired token', () => tokenOf('app-with-role', 'expired'), 401],
    ["another tenant's app", () => tokenOf('foreign-app'), 401],
    ['an app without the role', () => tokenOf('app-without-role'), 403],
  ])('keeps %s out, without asking the resource', async (_who, key, status) => {
    visitors = [];
    await expect(create(await key())).rejects.toMatchObject({ status });
    expect(visitors).toEqual([]);
  });
});

describe('a storage process that dies', () => {
  it('ends the world with a sentence and exit code 1, because nothing works without it', async () => {
    const [first = 0] = storageProcesses();
    const ended = once(world.process, 'exit');
    process.kill(first, 'SIGKILL');
    const [code]: unknown[] = await ended;
    expect(code).toBe(1);
    expect(world.errors()).toContain('The storage emulator ended (signal SIGKILL).');
  });
});
