import { describe, expect, it } from 'vitest';
import { dataOf, type Frame } from '../../../src/streams/frames.ts';
import { restOf } from '../../../src/streams/rest.ts';
import { synthesize } from '../../../src/streams/synthesize.ts';

const message = (id: string, text: string) => ({
  type: 'message',
  id,
  role: 'assistant',
  status: 'completed',
  content: [{ type: 'output_text', text, annotations: [], logprobs: [] }],
});
const response = {
  id: 'resp_1',
  object: 'response',
  status: 'completed',
  output: [
    { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'I think.' }] },
    message('msg_1', 'Hello there, world.'),
    { type: 'function_call', id: 'fc_1', call_id: 'c', name: 'f', arguments: '{"a":1}', status: 'completed' },
  ],
};

const whole = [...synthesize(response)];
const shown = (frames: Iterable<Frame>): unknown[] => [...frames].map(({ bytes }) => dataOf(bytes));

describe('restOf', () => {
  it('completes a log that was cut behind any event to the very stream that an uncut one holds', () => {
    for (let cut = 0; cut < whole.length; cut += 1) {
      const logged = whole.slice(0, cut);
      expect(shown([...logged, ...restOf(response, logged)])).toEqual(shown(whole));
    }
  });

  it('goes on in the middle of a text', () => {
    const at = whole.findIndex(({ type }) => type === 'response.output_text.delta');
    const half = {
      ...dataOf(whole[at]?.bytes ?? Buffer.alloc(0)),
      type: 'response.output_text.delta',
      delta: 'Hello there',
    };
    const bytes = Buffer.from(`event: ${half.type}\ndata: ${JSON.stringify(half)}\n\n`);
    const rest = [...restOf(response, [...whole.slice(0, at), { type: half.type, bytes }])];
    expect(dataOf(rest[0]?.bytes ?? Buffer.alloc(0))).toMatchObject({ delta: ', world.', sequence_number: at + 1 });
    expect(rest[1]?.type).toBe('response.output_text.done');
  });

  it('makes up nothing of a run that was cancelled', () => {
    const logged = whole.slice(0, 7);
    const rest = [...restOf({ ...response, status: 'cancelled', output: [] }, logged)];
    expect(rest.map(({ type }) => type)).toEqual(['response.incomplete']);
    expect(dataOf(rest[0]?.bytes ?? Buffer.alloc(0))).toMatchObject({
      sequence_number: 7,
      response: { status: 'cancelled' },
    });
  });
});
