import { expect, test } from 'vitest';
import { Talk } from './turns.ts';

// The prompts of Microsoft's how-to page, in its order. What needs a file, a picture or a server has its own test file.

test('generates a text response', async () => {
  const { types, text } = await new Talk().send('This is a test.');
  expect(types).toEqual(['message']);
  expect(text).toBe('Great! How can I help you today?');
});

test('chains: defines, then explains it simply', async () => {
  const talk = new Talk();
  const first = await talk.send('Define catastrophic forgetting.');
  const second = await talk.send('Explain it for a college freshman.');
  expect(first.text).toMatch(/^Catastrophic forgetting is/);
  expect(second.text).toContain('in simple words');
});

test('chains by hand, with the output items in the input', async () => {
  const input: unknown[] = [
    { type: 'message', role: 'user', content: 'Define and explain the concept of catastrophic forgetting?' },
  ];
  input.push(...(await new Talk().send({ input })).items);
  input.push({
    role: 'user',
    type: 'message',
    content: 'Explain this at a level that could be understood by a college freshman',
  });
  expect((await new Talk().send({ input })).text).toContain('in simple words');
});

test('compacts a window and goes on with it', async () => {
  const history = [
    { role: 'user', content: 'Create a simple landing page for a dog petting café.' },
    {
      id: 'msg_001',
      type: 'message',
      status: 'completed',
      role: 'assistant',
      content: [{ type: 'output_text', annotations: [], logprobs: [], text: 'Below is a single file ...' }],
    },
  ];
  const compacted = await new Talk().send({ input: [...history, { type: 'compaction_trigger' }] });
  const window = [history[0], ...compacted.items];
  const next = await new Talk().send({ input: [...window, { role: 'user', content: 'Add opening hours.' }] });
  expect(next.text).toContain('<h1>Dog petting café</h1>');
  expect(next.text).toContain('<h2>Opening hours</h2>');
});

test('compacts a chain and still knows the country', async () => {
  const talk = new Talk();
  await talk.send('What is the size of France?');
  const compacted = await talk.send({ input: [{ type: 'compaction_trigger' }] });
  const input = [...compacted.items, { role: 'user', content: 'What is the capital?' }];
  expect((await new Talk().send({ input })).text).toBe('The capital of France is Paris.');
});

test('summarises in one sentence', async () => {
  const { text } = await new Talk().send('Summarize Azure OpenAI Responses API in one sentence.');
  expect(text).toMatch(/^The Azure OpenAI Responses API [^.]+\.$/);
});

test('solves with code as a tutor', async () => {
  const { types, text } = await new Talk().send({
    tools: [{ type: 'code_interpreter', container: { type: 'auto' } }],
    instructions: 'You are a math tutor. Write and run Python code to solve math problems.',
    input: 'Solve 3x + 11 = 14.',
  });
  expect(types).toEqual(['code_interpreter_call', 'message']);
  expect(text).toContain('x = 1');
});

test('writes a very long story', async () => {
  const { text } = await new Talk().send('Write me a very long story.');
  expect(text.length).toBeGreaterThan(5_000);
});

test('keeps reasoning for the next stateless turn', async () => {
  const talk = Object.assign(new Talk(), { model: 'o3' });
  const { types, items } = await talk.send({
    reasoning: { effort: 'medium' },
    input: 'What is the weather like today?',
    tools: [],
    include: ['reasoning.encrypted_content'],
    store: false,
  });
  expect(types).toEqual(['reasoning', 'message']);
  expect(items[0]!['encrypted_content']).toBeTypeOf('string');
});
