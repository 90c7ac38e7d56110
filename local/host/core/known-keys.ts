import { z } from 'zod';

/**
 * Writes the keys of `value` the way `schema` spells them (.NET ignores their case), and collects what it does not know.
 * @param unknownKeys receives the path of each unknown key, in the file's own spelling
 */
export function canonicalKeys(value: unknown, schema: z.ZodType, unknownKeys: string[], path = ''): unknown {
  const shape = shapeOf(schema);
  if (!shape || !isObject(value)) return value;
  const names = new Map(Object.keys(shape).map((name) => [name.toLowerCase(), name]));
  const canonical: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) {
    const here = path === '' ? key : `${path}.${key}`;
    const name = names.get(key.toLowerCase());
    const innerSchema = name === undefined ? undefined : shape[name];
    if (name === undefined || !innerSchema) unknownKeys.push(here);
    else canonical[name] = canonicalKeys(inner, innerSchema, unknownKeys, here);
  }
  return canonical;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shapeOf(schema: z.ZodType): Record<string, z.ZodType> | undefined {
  let inner: unknown = schema;
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault) {
    inner = inner.unwrap();
  }
  return inner instanceof z.ZodObject ? inner.shape : undefined;
}
