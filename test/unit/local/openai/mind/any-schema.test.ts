import { Ajv } from 'ajv';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Clues } from '../../../../../local/openai/mind/schema/clues.ts';
import { fillSchema } from '../../../../../local/openai/mind/schema/fill.ts';

type Schema = Record<string, unknown>;

const names = fc.constantFrom(
  'name',
  'city',
  'date',
  'count',
  'total',
  'items',
  'query',
  'paid',
  'step',
  'x',
  'participants',
  'email',
);

const strings: fc.Arbitrary<Schema> = fc.record(
  {
    type: fc.constant('string'),
    minLength: fc.integer({ min: 0, max: 30 }),
    maxLength: fc.integer({ min: 30, max: 60 }),
  },
  { requiredKeys: ['type'] },
);

const numbers: fc.Arbitrary<Schema> = fc
  .tuple(
    fc.constantFrom('integer', 'number'),
    fc.integer({ min: -50, max: 50 }),
    fc.integer({ min: 0, max: 100 }),
    fc.boolean(),
  )
  .map(([type, minimum, span, bounded]) => (bounded ? { type, minimum, maximum: minimum + span } : { type }));

const plain: fc.Arbitrary<Schema> = fc.oneof(
  strings,
  numbers,
  fc.constant({ type: 'boolean' }),
  fc.constant({ type: ['string', 'null'] }),
  fc.constant({ enum: ['red', 'green', 3, null] }),
  fc.constant({ const: 'fixed' }),
  fc
    .constantFrom('^[A-Z]{2,4}$', '^\\d+(\\.\\d{2})?$', '^(a|b)c?$', '^[^x]{3}$', '^\\w+@\\w+\\.com$')
    .map((pattern) => ({ type: 'string', pattern })),
);

const { schema } = fc.letrec<{ schema: Schema }>((tie) => ({
  schema: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    plain,
    fc
      .tuple(tie('schema'), fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 }))
      .map(([items, minItems, more]) => ({ type: 'array', items, minItems, maxItems: minItems + more })),
    fc.tuple(tie('schema'), tie('schema')).map((anyOf) => ({ anyOf })),
    fc.dictionary(names, tie('schema'), { maxKeys: 5 }).map((properties) => ({
      type: 'object',
      properties,
      required: Object.keys(properties),
      additionalProperties: false,
    })),
  ),
}));

const texts = fc.oneof(
  fc.constant('Alice and Bob meet in Paris on March 3, 2026 with 3 friends, 12.50 EUR and "a plan". Name: Ada.'),
  fc.string({ unit: 'grapheme', maxLength: 200 }),
);

test('fills any schema with something that fits it', () => {
  const ajv = new Ajv({ strict: false });
  fc.assert(
    fc.property(schema, texts, (wanted, text) => {
      const value = fillSchema(wanted, new Clues(text));
      expect(ajv.validate(wanted, value), `${JSON.stringify(value)} ${ajv.errorsText()}`).toBe(true);
    }),
    { numRuns: 150 },
  );
});
