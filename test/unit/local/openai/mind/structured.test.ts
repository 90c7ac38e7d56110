import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { Talk } from './turns.ts';

const ajv = new Ajv({
  strict: false,
  formats: { date: /^\d{4}-\d{2}-\d{2}$/, email: /@/, uuid: true, uri: /^https?:/, 'date-time': /T/ },
});

async function fill(input: string, schema: Record<string, unknown>, talk = new Talk()): Promise<unknown> {
  const answer = await talk.send({
    input,
    text: { format: { type: 'json_schema', name: 'form', strict: true, schema } },
  });
  const value: unknown = JSON.parse(answer.text);
  expect(ajv.validate(schema, value), JSON.stringify([value, ajv.errors])).toBe(true);
  return value;
}

const object = (properties: Record<string, unknown>): Record<string, unknown> => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});
const STRING = { type: 'string' };

test('fills an event', async () => {
  const schema = object({ name: STRING, date: STRING, participants: { type: 'array', items: STRING } });
  expect(await fill('Alice and Bob are going to a science fair on Friday.', schema)).toEqual({
    name: 'Science Fair',
    date: 'Friday',
    participants: ['Alice', 'Bob'],
  });
});

test('finds labelled values, numbers, enums and formats', async () => {
  const schema = object({
    invoice_number: STRING,
    total: { type: 'number' },
    currency: { type: 'string', enum: ['USD', 'EUR'] },
    due: { type: 'string', format: 'date' },
    contact: { type: 'string', format: 'email' },
    paid: { type: 'boolean' },
    pages: { type: ['integer', 'null'] },
  });
  const text =
    'Invoice number: A-4711. Total: 45.50 EUR. Due on March 3, 2026. Write to pay@example.com. It is not paid.';
  expect(await fill(text, schema)).toEqual({
    invoice_number: 'A-4711',
    total: 45.5,
    currency: 'EUR',
    due: '2026-03-03',
    contact: 'pay@example.com',
    paid: false,
    pages: null,
  });
});

test('uses what was told before', async () => {
  const talk = new Talk();
  await talk.send('My name is Ada. I am 36 years old.');
  expect(await fill('Fill the form about me.', object({ name: STRING, age: { type: 'integer' } }), talk)).toEqual({
    name: 'Ada',
    age: 36,
  });
});

test('gives steps and an answer', async () => {
  const step = object({ explanation: STRING, output: STRING });
  const schema = object({ steps: { type: 'array', items: step }, final_answer: STRING });
  expect(await fill('Solve 8x + 7 = -23', schema)).toMatchObject({ final_answer: 'x = -3.75' });
});

const HARD: readonly [string, Record<string, unknown>][] = [
  [
    'limits',
    object({
      a: { type: 'integer', minimum: 5, maximum: 9 },
      b: { type: 'number', exclusiveMinimum: 0, multipleOf: 0.5 },
    }),
  ],
  ['lengths', object({ a: { type: 'string', maxLength: 3 }, b: { type: 'string', minLength: 500 } })],
  [
    'patterns',
    object({ a: { type: 'string', pattern: '^[A-Z]{3}-\\d{4}$' }, b: { type: 'string', pattern: '^(?:yes|no)$' } }),
  ],
  [
    'counts',
    object({
      a: { type: 'array', items: STRING, minItems: 2, maxItems: 3 },
      b: { type: 'array', items: { type: 'integer' }, minItems: 4 },
    }),
  ],
  [
    'references',
    {
      ...object({ root: { $ref: '#/$defs/node' } }),
      $defs: { node: object({ value: STRING, children: { type: 'array', items: { $ref: '#/$defs/node' } } }) },
    },
  ],
  [
    'linked list',
    {
      ...object({ head: { $ref: '#/$defs/node' } }),
      $defs: { node: object({ value: STRING, next: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] } }) },
    },
  ],
  [
    'variants',
    object({
      a: { anyOf: [object({ kind: { const: 'x' }, n: { type: 'integer' } }), object({ kind: { const: 'y' } })] },
      b: { type: ['string', 'null'] },
    }),
  ],
  [
    'formats',
    object({
      a: { type: 'string', format: 'uuid' },
      b: { type: 'string', format: 'uri' },
      c: { type: 'string', format: 'date-time' },
    }),
  ],
  ['nothing', object({})],
];

test.each(HARD)('keeps to the schema: %s', async (_name, schema) => {
  await fill('The quick brown fox has 3 friends, 17 pens and 2.5 euros.', schema);
});

test('JSON mode needs the word and gives an object', async () => {
  const text = { format: { type: 'json_object' } };
  const answer = await new Talk().send({ input: 'My name is Ada. Answer as JSON: what is 2+2?', text });
  expect(JSON.parse(answer.text)).toMatchObject({ name: 'Ada', answer: expect.stringContaining('2+2 = 4') as string });
  await expect(new Talk().send({ input: 'What is 2+2?', text })).rejects.toMatchObject({ status: 400, param: 'input' });
});

test('an order can give the JSON itself', async () => {
  expect(await fill('Reply with exactly: {"name":"x"}', object({ name: STRING }))).toEqual({ name: 'x' });
});
