import { describe, expect, inject, it } from 'vitest';
import { collect } from '../../support/event-stream.ts';
import { rawCaller } from '../../support/raw.ts';
import { steer } from '../../support/simulator.ts';
import { newCaller } from '../../support/world.ts';

/** A service that takes long to begin a stream: its caller has headers, then everything in the stream. Side by side, because they wait. */
const endpoints = inject('endpoints');
const LONGER_THAN_HEADERS_WAIT_MS = 16_000;
const LONGER_THAN_IMAGES_WAIT_MS = 4_000;
const LONGER_THAN_SILENCE_LASTS_MS = 19_000;

describe.concurrent('a service that is slow to begin', () => {
  it.each([
    ['answers', undefined, 'response.completed', null],
    ['refuses', { kind: 'content_filter', side: 'input' }, 'response.failed', 'content_filter'],
  ] as const)('%s in the stream', { timeout: 60_000 }, async (_, fault, end, code) => {
    const caller = rawCaller(endpoints, newCaller(endpoints).key);
    const azure = steer(endpoints);
    await azure.plan('create', { kind: 'slow', beforeMs: LONGER_THAN_HEADERS_WAIT_MS });
    if (fault !== undefined) await azure.plan('create', fault);
    const answer = await caller.open('POST', '/responses', {
      model: 'gpt-4.1',
      input: `hi ${azure.marker}`,
      stream: true,
    });
    expect(answer.status).toBe(200);
    const events = await collect(answer);
    expect(events.at(-1)).toMatchObject({ type: end, response: { error: code === null ? null : { code } } });
    const { body } = await caller.call('GET', `/responses/${events.at(-1)?.response?.id ?? ''}`);
    expect(body).toEqual(events.at(-1)?.response);
  });

  it('is waited for with comments, so that nobody cuts the line', { timeout: 60_000 }, async () => {
    const caller = rawCaller(endpoints, newCaller(endpoints).key);
    const azure = steer(endpoints);
    await azure.plan('create', { kind: 'slow', beforeMs: LONGER_THAN_SILENCE_LASTS_MS });
    const body = {
      model: 'gpt-4.1',
      input: `Draw a red circle. ${azure.marker}`,
      tools: [{ type: 'image_generation' }],
    };
    const text = await (await caller.open('POST', '/responses', { ...body, stream: true })).text();
    expect(text).toMatch(/^: keep-alive\n\n/);
    expect(text).toContain('event: response.completed');
  });

  it.each([
    ['makes an image', undefined, 'response.completed', null],
    ['refuses an image', { kind: 'content_filter', side: 'input' }, 'response.failed', 'content_filter'],
  ] as const)('%s in the stream, and keeps how it ended', { timeout: 60_000 }, async (_, fault, end, code) => {
    const caller = rawCaller(endpoints, newCaller(endpoints).key);
    const azure = steer(endpoints);
    await azure.plan('create', { kind: 'slow', beforeMs: LONGER_THAN_IMAGES_WAIT_MS });
    if (fault !== undefined) await azure.plan('create', fault);
    const answer = await caller.open('POST', '/responses', {
      model: 'gpt-4.1',
      input: `Draw a red circle. ${azure.marker}`,
      tools: [{ type: 'image_generation' }],
      stream: true,
    });
    expect(answer.status).toBe(200);
    const last = (await collect(answer)).at(-1);
    expect(last).toMatchObject({ type: end, response: { error: code === null ? null : { code } } });
    const { body } = await caller.call('GET', `/responses/${last?.response?.id ?? ''}`);
    expect(body).toEqual(last?.response);
  });
});
