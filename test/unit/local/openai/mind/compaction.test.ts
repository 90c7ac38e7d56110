import { expect, test } from 'vitest';
import { Talk } from './turns.ts';

async function told(): Promise<Talk> {
  const talk = new Talk();
  await talk.send({
    input: [
      { role: 'developer', content: 'End every answer with "Over."' },
      { role: 'user', content: 'My name is Ada.' },
    ],
  });
  await talk.send('Create a simple landing page for a dog cafe.');
  return talk;
}

test('a compaction request gives one sealed item, from which the talk goes on', async () => {
  const talk = await told();
  const { items } = await talk.send({ input: [{ type: 'compaction_trigger' }] });
  expect(items.map((item) => item.type)).toEqual(['compaction']);
  expect(String(items[0]!['encrypted_content'])).not.toContain('Ada');

  const next = new Talk();
  const window = [{ role: 'user', content: 'My name is Ada.' }, items[0]!];
  const answer = await next.send({ input: [...window, { role: 'user', content: 'What is my name?' }] });
  expect(answer.text).toBe('Your name is Ada. Over.');
  const page = await next.send({ input: [{ role: 'user', content: 'Add a booking form.' }] });
  expect(page.text).toContain('<h1>Dog cafe</h1>');
  expect(page.text).toContain('<h2>Booking form</h2>');
});

test('compacts by itself above the threshold', async () => {
  const talk = await told();
  const context_management = [{ type: 'compaction', compact_threshold: 1_000 }];
  const small = await talk.send({ input: 'Hello', context_management });
  expect(small.types).toEqual(['message']);
  const large = await talk.send({ input: `Remember: the code is 77.\n${'filler '.repeat(1_000)}`, context_management });
  expect(large.types).toEqual(['compaction', 'message']);

  const stateless = new Talk();
  const { text, outcome } = await stateless.send({
    input: [...large.items, { role: 'user', content: 'What is the code?' }],
    store: false,
  });
  expect(text).toBe('The code is 77. Over.');
  expect(outcome.usage.input_tokens).toBeLessThan(200);
});

test("another resource's compaction cannot be opened", async () => {
  const { items } = await (await told()).send({ input: [{ type: 'compaction_trigger' }] });
  const other = Object.assign(new Talk(), { key: 'resource-b' });
  await expect(other.send({ input: [items[0]!, { role: 'user', content: 'Hi' }] })).rejects.toMatchObject({
    code: 'invalid_encrypted_content',
  });
});
