import { expect, test } from 'vitest';
import { Talk } from './turns.ts';

test('repeats what was told earlier in the chain', async () => {
  const talk = new Talk();
  await talk.send('My name is Ada and my favourite colour is teal.');
  await talk.send('Remember: the code word is swordfish.');
  expect((await talk.send('What is my favorite color?')).text).toBe('Your favourite colour is teal.');
  expect((await talk.send('What is the code word? And what is my name?')).text).toBe(
    'The code word is swordfish. Your name is Ada.',
  );
});

test('the latest word counts', async () => {
  const talk = new Talk();
  await talk.send('My city is Rome.');
  await talk.send('My city is Oslo.');
  expect((await talk.send('What is my city?')).text).toBe('Your city is Oslo.');
});

test('says what it was not told', async () => {
  const talk = new Talk();
  await talk.send("My dog's name is Rex.");
  expect((await talk.send('What is my name?')).text).toBe('You have not told me your name.');
});

test.each([
  ['What was my first message?', 'Your first message was: "Hello there."'],
  ['What did I just say?', 'Your last message was: "I live in Oslo."'],
  ['Where do I live?', 'You live in Oslo.'],
  ['What do you remember about me?', 'You told me that you live in Oslo.'],
])('answers "%s"', async (question, answer) => {
  const talk = new Talk();
  await talk.send('Hello there.');
  await talk.send('I live in Oslo.');
  expect((await talk.send(question)).text).toBe(answer);
});

test('needs no set form to be told something', async () => {
  const talk = new Talk();
  await talk.send('Hi, I am Bob. I have a dog named Rex. The secret is tulip.');
  expect((await talk.send("Who am I? What is my dog's name?")).text).toBe("Your name is Bob. Your dog's name is Rex.");
  expect((await talk.send('What was the secret I told you?')).text).toBe('The secret is tulip.');
  expect((await talk.send("What's my name? Reply with only my name.")).text).toBe('Bob');
});

test('understands a follow-up by what was asked before', async () => {
  const talk = new Talk();
  await talk.send('What is the size of France?');
  expect((await talk.send('What is the capital?')).text).toBe('The capital of France is Paris.');
});

test('gives the same answer for the same input', async () => {
  const answers = await Promise.all(
    [1, 2].map(async () => {
      const talk = new Talk();
      await talk.send('Remember: 42');
      return (await talk.send('Write 40 words about what I told you.')).items;
    }),
  );
  expect(answers[0]).toEqual(answers[1]);
});
