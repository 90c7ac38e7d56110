import { expect, test } from 'vitest';
import { Talk } from './turns.ts';

const thinker = (model = 'gpt-5'): Talk => Object.assign(new Talk(), { model });

test('a reasoning model thinks first and pays for it', async () => {
  const { types, items, outcome } = await thinker().send('Hello');
  expect(types).toEqual(['reasoning', 'message']);
  expect(items[0]).toEqual({ type: 'reasoning', id: expect.any(String) as string, summary: [] });
  expect(outcome.usage.output_tokens_details.reasoning_tokens).toBe(192);
  expect(outcome.usage.output_tokens).toBeGreaterThan(192);
});

test.each([
  ['o3', true],
  ['o4-mini', true],
  ['gpt-5.1-codex', true],
  ['gpt-5-chat', false],
  ['gpt-4.1', false],
])('%s reasons: %s', async (model, reasons) => {
  expect((await thinker(model).send('Hello')).types.includes('reasoning')).toBe(reasons);
});

test('no effort, no reasoning; a summary when asked', async () => {
  expect((await thinker().send({ input: 'Hello', reasoning: { effort: 'none' } })).types).toEqual(['message']);
  const { items } = await thinker().send({ input: 'Hello', reasoning: { effort: 'low', summary: 'auto' } });
  expect(items[0]!['summary']).toMatchObject([{ type: 'summary_text' }]);
});

test.each([{ include: ['reasoning.encrypted_content'] }, { store: false }])(
  'seals its thoughts with %j',
  async (request) => {
    const { items } = await thinker().send({ input: 'Hello', ...request });
    expect(items[0]!['encrypted_content']).toMatch(/^resource-a:/);
  },
);

test('replayed thoughts open at the same resource only', async () => {
  const talk = thinker();
  const { items } = await talk.send({ input: 'Hello', store: false });
  const input = [{ role: 'user', content: 'Hello' }, ...items, { role: 'user', content: 'And now?' }];
  await thinker().send({ input });
  await expect(Object.assign(thinker(), { key: 'resource-b' }).send({ input })).rejects.toMatchObject({
    status: 400,
    code: 'invalid_encrypted_content',
  });
});

test('an answer limit smaller than the thinking leaves the thinking only', async () => {
  const { types, outcome } = await thinker().send({ input: 'Hello', max_output_tokens: 100 });
  expect(types).toEqual(['reasoning']);
  expect(outcome).toMatchObject({ status: 'incomplete', reason: 'max_output_tokens', usage: { output_tokens: 100 } });
});
