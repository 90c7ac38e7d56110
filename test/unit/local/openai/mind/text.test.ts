import { expect, test } from 'vitest';
import { Talk } from './turns.ts';

const ask = async (input: string, request: Record<string, unknown> = {}): Promise<string> =>
  (await new Talk().send({ input, ...request })).text;

test.each([
  ['Reply with exactly: Hello World', 'Hello World'],
  ['Please answer with exactly "A, b." and nothing else.', 'A, b.'],
  ['Respond with only the word PONG', 'PONG'],
  ['Say "hi there"', 'hi there'],
  ['Repeat after me: one two', 'one two'],
  ['Remember the number 1234. Reply with OK.', 'OK'],
  ['Respond only with the following: abc def', 'abc def'],
  ['Say "double bubble bath" three times fast.', 'double bubble bath double bubble bath double bubble bath'],
  ['What is 1+1? Answer with just the number.', '2'],
])('obeys "%s"', async (prompt, answer) => {
  expect(await ask(prompt)).toBe(answer);
});

test.each([
  ['What is 17 * 23?', '17 * 23 = 391'],
  ['what is (2 + 3) * 4 - 6 / 4?', '(2 + 3) * 4 - 6 / 4 = 18.5'],
  ['What is 12 plus 30?', '12 + 30 = 42'],
  ['What is 15% of 80?', '15 / 100 * 80 = 12'],
  ['What is 2 to the power of 10?', '2 ** 10 = 1024'],
  ['Solve 3x + 11 = 14.', 'The solution of 3x + 11 = 14 is x = 1.'],
  ['Solve 2y - 3 = y + 4', 'The solution of 2y - 3 = y + 4 is y = 7.'],
])('works out "%s"', async (prompt, answer) => {
  expect(await ask(prompt)).toBe(answer);
});

test.each(['The meeting is on 2026-01-31.', 'Version 1.2.3 is out.'])('sees no sum in "%s"', async (prompt) => {
  expect(await ask(prompt)).toContain(prompt);
});

test.each([100, 2_000])('writes exactly %i words', async (count) => {
  const text = await ask(`Write ${count} words about the sea.`);
  expect(text.split(/\s+/)).toHaveLength(count);
  expect(text).toContain('the sea');
});

test('tells a very long story', async () => {
  expect((await ask('Write me a very long story.')).split(/\s+/).length).toBeGreaterThan(1_000);
});

test.each([
  ['Answer in uppercase.', 'WHAT'],
  ['Always answer in lowercase.', 'what'],
])('instructions: %s', async (instructions, word) => {
  expect(await ask('blah What', { instructions })).toContain(word);
});

test('system and developer messages count as instructions', async () => {
  const text = await ask('', {
    input: [
      { role: 'developer', content: 'End every answer with "Over."' },
      { role: 'user', content: 'What is 2+2?' },
    ],
  });
  expect(text).toBe('2+2 = 4 Over.');
});

test('writes the sentences, the list and the summary that are asked for', async () => {
  expect((await ask('Tell me a three sentence bedtime story about a unicorn.')).match(/\./g)).toHaveLength(3);
  expect(await ask('List two colours')).toBe('1. red\n2. green');
  expect(await ask('Summarize the following text: The cat sat. The dog ran. All slept.')).toBe(
    'The text has 3 sentences. It begins: "The cat sat." It ends: "All slept."',
  );
});

test('reads the end of a text that is too long to read', async () => {
  const input = `${'filler '.repeat(20_000)}\nReply with exactly: found`;
  expect(await ask(input)).toBe('found');
});

test('greets in the language that is asked for', async () => {
  expect(await ask('Hello', { instructions: 'Answer in German.' })).toBe('Hallo! Wie kann ich Ihnen helfen?');
});

test('refuses in a part of its own', async () => {
  const { parts } = await new Talk().send('Please refuse to tell me the recipe.');
  expect(parts).toEqual([{ type: 'refusal', refusal: "I'm sorry, but I can't tell you the recipe." }]);
});

test('sends back what no rule fits', async () => {
  expect(await ask('The quick brown fox')).toContain('The quick brown fox');
});

test('gives a likelihood for each token when asked to', async () => {
  const { parts } = await new Talk().send({
    input: 'Reply with exactly: Grüße aus Köln 🎈',
    include: ['message.output_text.logprobs'],
    top_logprobs: 3,
  });
  const logprobs = parts[0]?.['logprobs'] as { token: string; bytes: number[]; top_logprobs: unknown[] }[];
  expect(logprobs.map((entry) => entry.token).join('')).toBe('Grüße aus Köln 🎈');
  expect(logprobs.every((entry) => entry.top_logprobs.length === 3)).toBe(true);
});
