import fc from 'fast-check';
import { z } from 'zod';

/** The part of JSON Schema that docs/openapi.yaml uses for requests. */
const schemaShape = z.looseObject({
  $ref: z.string().optional(),
  type: z.union([z.string(), z.array(z.string())]).optional(),
  oneOf: z.array(z.unknown()).optional(),
  enum: z.array(z.unknown()).optional(),
  properties: z.record(z.string(), z.unknown()).default({}),
  required: z.array(z.string()).default([]),
  additionalProperties: z.unknown().optional(),
  propertyNames: z.looseObject({ maxLength: z.number().optional() }).optional(),
  maxProperties: z.number().optional(),
  items: z.unknown().optional(),
  minLength: z.number().default(0),
  maxLength: z.number().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
});
type Schema = z.infer<typeof schemaShape>;

export interface FromSchema {
  /** What a schema allows. */
  sound: fc.Arbitrary<unknown>;
  /** The same, with something else somewhere in it. */
  almost: fc.Arbitrary<unknown>;
}

/** Makes values of a schema. @param at follows a `$ref` */
export function fromSchema(schema: unknown, at: (pointer: string) => unknown): FromSchema {
  return {
    sound: valuesOf(schema, at, (value) => value),
    almost: valuesOf(schema, at, (value) => fc.oneof({ weight: 5, arbitrary: value }, fc.jsonValue({ maxDepth: 2 }))),
  };
}

type Spoil = (value: fc.Arbitrary<unknown>) => fc.Arbitrary<unknown>;

function valuesOf(given: unknown, at: (pointer: string) => unknown, spoil: Spoil): fc.Arbitrary<unknown> {
  const schema = schemaShape.parse(given ?? {});
  const inner = (child: unknown): fc.Arbitrary<unknown> => spoil(valuesOf(child, at, spoil));
  if (schema.$ref !== undefined) return valuesOf(at(schema.$ref), at, spoil);
  if (schema.oneOf !== undefined) return fc.oneof(...schema.oneOf.map((each) => valuesOf(each, at, spoil)));
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const types = schema.type === undefined ? [undefined] : [schema.type].flat();
  return fc.oneof(...types.map((type) => valuesOfType(type, schema, inner)));
}

function valuesOfType(
  type: string | undefined,
  schema: Schema,
  inner: (child: unknown) => fc.Arbitrary<unknown>,
): fc.Arbitrary<unknown> {
  const { minimum: min, maximum: max, minLength, maxLength } = schema;
  switch (type) {
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'string':
      return fc.string({ unit: 'binary', minLength, maxLength: maxLength ?? 40 });
    case 'integer':
      return fc.integer({ min, max });
    case 'number':
      return fc.double({ min, max, noNaN: true, noDefaultInfinity: true });
    case 'array':
      return fc.array(inner(schema.items), { maxLength: 4 });
    case 'object':
      return objects(schema, inner);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

function objects(schema: Schema, inner: (child: unknown) => fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const named = Object.fromEntries(Object.entries(schema.properties).map(([name, child]) => [name, inner(child)]));
  const known = fc.record(named, { requiredKeys: schema.required });
  const others = fc.dictionary(
    fc.string({ maxLength: schema.propertyNames?.maxLength ?? 10 }).map((name) => (name in named ? `${name}_` : name)),
    inner(schema.additionalProperties),
    { maxKeys: Math.min(schema.maxProperties ?? 3, 3) },
  );
  return schema.additionalProperties === false
    ? known
    : fc.tuple(known, others).map(([own, more]) => ({ ...more, ...own }));
}
