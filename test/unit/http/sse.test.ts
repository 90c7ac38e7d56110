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
