import { invalid, type Refusal } from '../refusals.ts';

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The two rules of strict schemas that people trip over: no additional properties, and all properties required.
 * @throws Refusal 400 that names the place.
 */
export function checkStrictSchema(schema: unknown, what: string, param: string): void {
  const code = what.startsWith('function') ? 'invalid_function_parameters' : 'invalid_json_schema';
  visit(schema, [], (message, path) =>
    invalid(`Invalid schema for ${what}: In context=${contextOf(path)}, ${message}`, param, code),
  );
}

type Refuse = (message: string, path: readonly string[]) => Refusal;

const contextOf = (path: readonly string[]): string =>
  `(${path.map((step) => `'${step}'`).join(', ')}${path.length === 1 ? ',' : ''})`;

function visit(schema: unknown, path: readonly string[], refuse: Refuse): void {
  if (!isObject(schema)) return;
  const properties = isObject(schema.properties) ? schema.properties : {};
  if (schema.type === 'object' || 'properties' in schema) checkObject(schema, Object.keys(properties), path, refuse);
  const children: [string, unknown][] = [
    ...within('properties', properties),
    ['items', schema.items],
    ...within('anyOf', schema.anyOf),
    ...within('$defs', schema.$defs),
  ];
  for (const [step, child] of children) visit(child, [...path, ...step.split('/')], refuse);
}

const within = (key: string, value: unknown): [string, unknown][] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).map(([name, child]): [string, unknown] => [`${key}/${name}`, child])
    : [];

function checkObject(
  schema: Record<string, unknown>,
  names: readonly string[],
  path: readonly string[],
  refuse: Refuse,
): void {
  if (schema.additionalProperties !== false) {
    throw refuse("'additionalProperties' is required to be supplied and to be false.", path);
  }
  const required: unknown[] = Array.isArray(schema.required) ? schema.required : [];
  const missing = names.find((name) => !required.includes(name));
  if (missing === undefined) return;
  throw refuse(
    `'required' is required to be supplied and to be an array including every key in properties. Missing '${missing}'.`,
    path,
  );
}
