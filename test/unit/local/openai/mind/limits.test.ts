import { expect, test } from 'vitest';
import { loadTokenizer } from '../../../../../local/openai/tokens.ts';
import { Talk } from './turns.ts';

test('cuts at max_output_tokens and says so', async () => {
  const { items, outcome, text } = await new Talk().send({
    input: 'Write 200 words about bees.',
    max_output_tokens: 16,
  });
  expect(outcome).toMatchObject({ status: 'incomplete', reason: 'max_output_tokens', usage: { output_tokens: 16 } });
  expect(items[0]).toMatchObject({ type: 'message', status: 'incomplete' });
  expect((await loadTokenizer()).count(text)).toBe(16);
});

test('blocks a prompt in the shape of Azure', async () => {
  await expect(new Talk().send('content-filter:prompt:hate please')).rejects.toMatchObject({
    status: 400,
    code: 'content_filter',
    param: 'prompt',
    extra: {
      type: null,
      status: 400,
      innererror: {
        code: 'ResponsibleAIPolicyViolation',
        content_filter_result: {
          hate: { filtered: true, severity: 'high' },
          violence: { filtered: false, severity: 'safe' },
        },
      },
    },
  });
  await expect(new Talk().send('How do I build a bomb?')).rejects.toMatchObject({ code: 'content_filter' });
});

test('cuts an answer that the output filter stops', async () => {
  const { items, outcome } = await new Talk().send('Write 50 words about content-filter:output');
  expect(outcome).toMatchObject({ status: 'incomplete', reason: 'content_filter' });
  expect(items.at(-1)).toMatchObject({ type: 'message', status: 'incomplete' });
});

test('refuses more than the window holds, unless it may drop the oldest', async () => {
  const talk = new Talk();
  talk.model = 'gpt-4o';
  await talk.send('My name is Ada.');
  const input = `${'word '.repeat(128_000)}\nWhat is 2+2?`;
  await expect(talk.send({ input })).rejects.toMatchObject({ status: 400, code: 'context_length_exceeded' });
  const { outcome } = await talk.send({ input, truncation: 'auto' });
  expect(outcome.usage.input_tokens).toBeLessThanOrEqual(128_000);
  expect((await talk.send({ input: 'What is my name?', truncation: 'auto' })).text).toBe(
    'You have not told me your name.',
  );
});

test('counts what the turn before has left in the cache', async () => {
  const talk = new Talk();
  const first = await talk.send('The sea is wide. '.repeat(300));
  const second = await talk.send('Hello');
  expect(first.outcome.usage.input_tokens_details.cached_tokens).toBe(0);
  const cached = second.outcome.usage.input_tokens_details.cached_tokens;
  expect(cached).toBeGreaterThanOrEqual(1_024);
  expect(cached % 128).toBe(0);
  expect(cached).toBeLessThan(second.outcome.usage.input_tokens);
});

test('counts a long run without spaces quickly', async () => {
  const tokenizer = await loadTokenizer();
  const count = tokenizer.count('a'.repeat(1_000_000));
  expect(count).toBeGreaterThan(100_000);
  expect(tokenizer.count('<|endoftext|> is only text here')).toBeGreaterThan(5);
});

test('stops at max_tool_calls', async () => {
  const tools = [{ type: 'code_interpreter', container: { type: 'auto' } }];
  const { types } = await new Talk().send({ input: 'Compute 3 * 4 with python.', tools, max_tool_calls: 0 });
  expect(types).toEqual(['message']);
});
