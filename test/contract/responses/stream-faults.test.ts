import { describe, expect, inject, it } from 'vitest';
import { collect } from '../../support/event-stream.ts';
import { rawCaller } from '../../support/raw.ts';
import { steer } from '../../support/simulator.ts';
import { newCaller } from '../../support/world.ts';

/** Streams that go wrong on the way: every one ends, says how, and is stored so. Order and numbers are checked in every stream. */
const endpoints = inject('endpoints');
const caller = rawCaller(endpoints, newCaller(endpoints).key);
const model = 'gpt-4.1';

async function stream(fault: Record<string, unknown>, more: Record<string, unknown> = {}) {
  const azure = steer(endpoints);
  await azure.plan('create', fault);
  const answer = await caller.open('POST', '/responses', {
    model,
    input: `Count from 1 to 9. ${azure.marker}`,
    stream: true,
    ...more,
  });
  expect(answer.status).toBe(200);
  const events = await collect(answer);
  const last = events.at(-1);
  const id = last?.response?.id ?? '';
  return { events, last, id, stored: await caller.call('GET', `/responses/${id}`) };
}

describe('a stream that breaks', () => {
  it.each([
    ['before its first event', { afterEvents: 0, how: 'end' }],
    ['after its first event', { afterEvents: 1, how: 'reset' }],
    ['in the middle', { afterEvents: 6, how: 'reset' }],
    ['in the middle, politely', { afterEvents: 6, how: 'end' }],
  ])('%s, ends with response.failed, and is stored as failed', async (_, cut) => {
    const { last, stored, id } = await stream({ kind: 'cut', ...cut });
    expect(last).toMatchObject({
      type: 'response.failed',
      response: { status: 'failed', error: { code: 'server_error' } },
    });
    expect(stored.body).toEqual(last?.response);
    expect((await caller.call('GET', '/responses')).body.data?.map((each) => each.id)).toContain(id);
    const next = await caller.call('POST', '/responses', { model, input: 'Say hi', previous_response_id: id });
    expect([next.status, next.body.status]).toEqual([200, 'completed']);
    expect((await caller.call('DELETE', `/responses/${id}`)).status).toBe(200);
  });

  it('leaves nothing when it is not to be stored', async () => {
    const { last, stored } = await stream({ kind: 'cut', afterEvents: 4, how: 'reset' }, { store: false });
    expect(last?.type).toBe('response.failed');
    expect(stored.status).toBe(404);
  });
});

describe('an error in the stream', () => {
  it.each([
    ['nested, then failed', { shape: 'nested', thenFailed: true }],
    ['flat, then failed', { shape: 'flat', thenFailed: true }],
    ['nested, then nothing', { shape: 'nested', thenFailed: false }],
    ['flat, then nothing', { shape: 'flat', thenFailed: false }],
  ])('%s, becomes response.failed with its code', async (_, shape) => {
    const { events, last, stored } = await stream({
      kind: 'stream_error',
      afterEvents: 5,
      code: 'rate_limit_exceeded',
      message: 'Too many tokens.',
      ...shape,
    });
    expect(events.map(({ type }) => type)).not.toContain('error');
    expect(last).toMatchObject({
      type: 'response.failed',
      response: { error: { code: 'rate_limit_exceeded', message: 'Too many tokens.' } },
    });
    expect(stored.body.status).toBe('failed');
  });
});

describe('a stream of another form', () => {
  it.each([
    ['queued first', { queuedFirst: true }],
    ['with a [DONE] of its own', { done: true }],
    ['with keep-alives between', { keepAliveEvery: 2 }],
  ])('%s, is as every other for the caller', async (_, framing) => {
    const { last, events } = await stream({ kind: 'framing', ...framing });
    expect(last?.type).toBe('response.completed');
    expect(events.filter(({ type }) => type === 'response.created')).toHaveLength(1);
  });

  it('that fails without a word still says that it failed', async () => {
    const { last } = await stream({ kind: 'empty_failure' });
    expect(last?.type).toBe('response.failed');
  });
});
