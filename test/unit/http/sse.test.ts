import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { sse } from '../../../src/http/sse.ts';
import { encodeEvent, type Frame } from '../../../src/streams/frames.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('sends comments while the service is silent, and none between events that come in time', async () => {
  const silent = Promise.withResolvers<undefined>();
  async function* frames(): AsyncGenerator<Frame> {
    yield encodeEvent({ type: 'response.created' });
    await silent.promise;
    yield encodeEvent({ type: 'response.completed' });
  }
  const { body } = sse(frames());
  if (!(body instanceof ReadableStream)) throw new Error('no stream');
  const text = new Response(body as ReadableStream<Uint8Array>).text();
  await vi.advanceTimersByTimeAsync(40_000);
  silent.resolve(undefined);
  const lines = (await text).split('\n\n').filter((frame) => frame !== '');
  expect(lines.map((line) => line.slice(0, 22))).toEqual([
    'event: response.create',
    expect.stringMatching(/^:/),
    expect.stringMatching(/^:/),
    'event: response.comple',
    'data: [DONE]',
  ]);
});

it('sends what comes at once in one chunk, and holds nothing back for it', async () => {
  vi.useRealTimers();
  const later = Promise.withResolvers<undefined>();
  async function* frames(): AsyncGenerator<Frame> {
    for (let n = 0; n < 50; n += 1) yield encodeEvent({ type: 'response.output_text.delta', sequence_number: n });
    await later.promise;
    yield encodeEvent({ type: 'response.completed' });
  }
  const { body } = sse(frames());
  if (!(body instanceof ReadableStream)) throw new Error('no stream');
  const reader = (body as ReadableStream<Uint8Array>).getReader();
  const read = async (): Promise<string> => Buffer.from((await reader.read()).value ?? []).toString();
  expect((await read()).match(/event: /g)).toHaveLength(50);
  later.resolve(undefined);
  expect(await read()).toMatch(/^event: response\.completed\n.*\n\ndata: \[DONE\]\n\n$/s);
  expect((await reader.read()).done).toBe(true);
});
