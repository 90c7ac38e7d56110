import { expect, test } from 'vitest';
import { Talk } from './turns.ts';

// Each of these hung or overflowed a pattern or a reader once: the test's time limit is the proof.
test.each([
  ['commas', 'a, '.repeat(7_000)],
  ['brackets', '1+('.repeat(5_000)],
  ['plus signs', '1 + '.repeat(5_000)],
  ['one long word', 'A'.repeat(20_000)],
  ['dashes', '-'.repeat(20_000)],
  ['half an address', `${'a.'.repeat(10_000)}@`],
  ['line breaks', '\n'.repeat(20_000)],
])('is not slowed down by %s', async (_name, input) => {
  const parameters = {
    type: 'object',
    properties: Object.fromEntries(
      ['name', 'city', 'date', 'tags', 'email', 'phone', 'event'].map((name) => [name, { type: 'string' }]),
    ),
  };
  const tools = [{ type: 'function', name: 'note', description: 'Keeps a note', parameters }];
  expect((await new Talk().send(input)).outcome.status).toBe('completed');
  expect((await new Talk().send({ input, tools, tool_choice: 'required' })).types).toEqual(['function_call']);
});
