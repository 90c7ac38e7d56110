import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Think } from '../../../../../local/openai/turn.ts';
import {
  echo,
  errorOf,
  messageOf,
  outputText,
  shapeOf,
  startSimulator,
  USAGE,
  type Body,
  type Simulator,
} from './simulator.ts';

/** Says one thing, then waits for ever when told so. */
const think: Think = async function* (turn) {
  if (turn.request.input !== 'wait') return yield* echo(turn);
  yield messageOf(turn, 'so far');
  await new Promise((resolve) => turn.signal.addEventListener('abort', resolve));
  yield messageOf(turn, 'too late');
  return { status: 'completed', usage: USAGE };
};

let azure: Simulator;
beforeAll(async () => {
  azure = await startSimulator({ think });
});
afterAll(() => azure.stop());

const start = async (body: Body): Promise<Body> => (await azure.create({ background: true, ...body })).body;
const path = ({ id }: { id?: unknown }, more = ''): string => `/responses/${String(id)}${more}`;

describe('a background response', () => {
  it('is queued, runs, completes', async () => {
    const accepted = await start({ input: 'x' });
    expect(accepted).toMatchObject({ status: 'queued', background: true, output: [], usage: null, completed_at: null });
    await azure.until(accepted.id, 'in_progress');
    const done = await azure.until(accepted.id, 'completed');
    expect(outputText(done)).toBe('x');
    expect(done).toMatchObject({ usage: USAGE, completed_at: expect.any(Number) });
  });

  it('is cancelled, once and for all, with what it had made', async () => {
    const accepted = await start({ input: 'wait' });
    await azure.until(accepted.id, 'in_progress');
    const deadline = Date.now() + 5_000;
    while (outputText((await azure.send('GET', path(accepted))).body) === '' && Date.now() < deadline);
    const cancelled = await azure.send('POST', path(accepted, '/cancel'));
    expect(cancelled).toMatchObject({ status: 200, body: { status: 'cancelled', completed_at: null } });
    expect(outputText(cancelled.body)).toBe('so far');
    expect((await azure.send('POST', path(accepted, '/cancel'))).body).toEqual(cancelled.body);
    expect((await azure.send('GET', path(accepted))).body).toEqual(cancelled.body);
  });

  it('cannot be cancelled once it is done, nor when it is not in the background', async () => {
    const accepted = await start({ input: 'x' });
    const done = await azure.until(accepted.id, 'completed');
    expect((await azure.send('POST', path(accepted, '/cancel'))).body).toEqual(done);
    const plain = (await azure.create({ input: 'x' })).body;
    const refused = await azure.send('POST', path(plain, '/cancel'));
    expect(refused.status).toBe(400);
    expect(errorOf(refused).message).toBe('Cannot cancel a synchronous response.');
  });

  it('stops when it is deleted', async () => {
    const accepted = await start({ input: 'wait' });
    expect((await azure.send('DELETE', path(accepted))).body).toEqual({
      id: accepted.id,
      object: 'response',
      deleted: true,
    });
    expect((await azure.send('GET', path(accepted))).status).toBe(404);
    expect((await azure.control('GET', '/state')).body).toMatchObject({ running: 0 });
  });
});

describe('a background stream', () => {
  it('opens with created, queued, in_progress', async () => {
    const { events } = await azure.stream('POST', '/responses', {
      model: 'gpt-4o',
      input: 'x',
      background: true,
      stream: true,
    });
    expect(shapeOf(events).slice(0, 4)).toEqual(['created', 'queued', 'in_progress', 'output_item.added']);
    expect(events[0]?.response).toMatchObject({ status: 'queued' });
    expect(events.at(-1)?.type).toBe('response.completed');
  });

  it('is replayed from any place, while it runs and after', async () => {
    const { id, events } = await azure.open({ input: 'a b c d', background: true });
    const followed = await azure.stream('GET', `/responses/${id}?stream=true`);
    const all = await events;
    expect(followed.events).toEqual(all);
    const tail = await azure.stream('GET', `/responses/${id}?stream=true&starting_after=4`);
    expect(tail.events).toEqual(all.slice(5));
    const plain = await azure.stream('GET', `/responses/${id}?stream=true&include_obfuscation=false`);
    expect(plain.events).toEqual(all.map(({ obfuscation: _, ...event }) => event));
  });

  it('ends as incomplete and cancelled when it is cancelled: there is no other event for it', async () => {
    const { id, events } = await azure.open({ input: 'wait', background: true });
    await azure.until(id, 'in_progress');
    await azure.send('POST', `/responses/${id}/cancel`);
    expect((await events).at(-1)).toMatchObject({ type: 'response.incomplete', response: { status: 'cancelled' } });
  });

  it('goes on when its reader leaves', async () => {
    await azure.plan({ kind: 'cut', afterEvents: 2 }, { contains: 'leaver' });
    const { id, events } = await azure.open({ input: 'leaver', background: true });
    expect(await events).toHaveLength(2);
    expect(outputText(await azure.until(id, 'completed'))).toBe('leaver');
  });

  it('cannot be resumed when it was made without stream or without background', async () => {
    const made = [await start({ input: 'x' }), { id: (await azure.open({})).id }];
    for (const response of made) {
      await azure.until(response.id, 'completed');
      const refused = await azure.send('GET', path(response, '?stream=true'));
      expect(refused.status).toBe(400);
      expect(errorOf(refused)).toMatchObject({ param: 'stream' });
    }
  });

  it('cannot be resumed after five minutes', async () => {
    const other = await startSimulator();
    const { id } = await other.open({ background: true });
    await other.control('POST', '/clock', { advanceMs: 5 * 60_000 + 1 });
    const refused = await other.send('GET', `/responses/${id}?stream=true`);
    await other.stop();
    expect(errorOf(refused).message).toMatch(/more than 5 minutes old/);
  });
});

describe('a restart', () => {
  it('keeps what was stored, takes up what ran, and opens its own seals', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'openai-'));
    const dataFile = join(folder, 'openai.sqlite');
    const sealing: Think = async function* (turn) {
      yield { id: turn.newId('rs'), type: 'reasoning', summary: [], encrypted_content: turn.seal('a thought') };
      return yield* echo(turn);
    };
    const before = await startSimulator({ dataFile, think: sealing });
    const kept = (await before.create({ input: 'kept' })).body;
    const sealed = (await before.create({ input: 'sealed', store: false })).body;
    await before.plan({ kind: 'pace', queuedMs: 60_000 });
    const running = (await before.create({ input: 'running', background: true })).body;
    await before.plan({ kind: 'pace', runningMs: 60_000 });
    const streamed = await before.open({ input: 'streamed', background: true });
    await before.stop();
    expect((await streamed.events).at(-1)?.type).not.toBe('response.completed');

    const after = await startSimulator({ dataFile });
    expect((await after.send('GET', path(kept))).body).toEqual(kept);
    expect(outputText(await after.until(running.id, 'completed'))).toBe('running');
    const chained = await after.create({ input: 'more', previous_response_id: kept.id });
    expect(outputText(chained.body)).toBe('kept | reasoning | kept | more');
    expect((await after.create({ input: sealed.output })).status).toBe(200);
    expect((await after.send('GET', path(streamed))).body).toMatchObject({ status: 'failed' });
    await after.stop();
    await rm(folder, { recursive: true });
  });
});
