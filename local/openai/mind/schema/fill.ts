import { workOut } from '../answer/arithmetic.ts';
import { fieldsOf, isFields, listOf, numberOf, stringOf, stringsOf, type Fields } from '../values.ts';
import { sentencesOf } from '../words.ts';
import type { Clues } from './clues.ts';
import { fillString, isAllowed, nameWords, spell, type Filled } from './strings.ts';

/** Recursive schemas end here: lists stay empty, optional fields stay away, what may be null is null. */
const MAX_DEPTH = 6;
/** A schema that goes on for ever by its own rules has no finite value; this is as far as it is followed. */
const MAX_ENDLESS_DEPTH = 24;

interface Place {
  root: Fields;
  clues: Clues;
  depth: number;
}

/** A value that fits the schema, filled with what the text says and sensible defaults for the rest. */
export function fillSchema(schema: Fields, clues: Clues): unknown {
  return fill('', schema, { root: schema, clues, depth: 0 }).value;
}

function fill(name: string, given: Fields, place: Place): Filled {
  if (place.depth > MAX_ENDLESS_DEPTH) return { value: null, evident: false };
  const schema = resolve(given, place.root);
  if (schema['const'] !== undefined) return { value: schema['const'], evident: false };
  if (Array.isArray(schema['enum'])) return fillEnum(name, listOf(schema['enum']), schema, place.clues);
  const variants = listOf(schema['anyOf'] ?? schema['oneOf']).map(fieldsOf);
  if (variants.length > 0) return fillVariant(name, variants, schema, place);
  return fillType(name, schema, place);
}

function fillType(name: string, schema: Fields, place: Place): Filled {
  const types = typeof schema['type'] === 'string' ? [schema['type']] : stringsOf(schema['type']);
  const type = types.find((entry) => entry !== 'null') ?? (types.length > 0 ? 'null' : guessType(schema));
  const nullable = types.includes('null');
  if (nullable && place.depth >= MAX_DEPTH) return { value: null, evident: false };
  const filled = fillKind(type, name, schema, place);
  if (filled.evident) return filled;
  if (schema['default'] !== undefined) return { value: schema['default'], evident: false };
  return nullable ? { value: null, evident: false } : filled;
}

function guessType(schema: Fields): string {
  if (isFields(schema['properties'])) return 'object';
  return schema['items'] === undefined ? 'string' : 'array';
}

function fillKind(type: string, name: string, schema: Fields, place: Place): Filled {
  switch (type) {
    case 'object':
      return fillObject(schema, place);
    case 'array':
      return fillArray(name, schema, place);
    case 'integer':
    case 'number':
      return fillNumber(name, schema, place.clues, type === 'integer');
    case 'boolean':
      return fillBoolean(name, place.clues);
    case 'null':
      return { value: null, evident: true };
    default:
      return fillString(name, schema, place.clues);
  }
}

/** Follows `$ref` and merges `allOf`. */
function resolve(schema: Fields, root: Fields): Fields {
  const reference = stringOf(schema['$ref']);
  if (reference !== undefined) {
    const target = reference
      .split('/')
      .slice(1)
      .reduce<Fields>((node, key) => fieldsOf(node[key.replace(/~1/g, '/').replace(/~0/g, '~')]), root);
    const { $ref: _, ...rest } = schema;
    return resolve({ ...target, ...rest }, root);
  }
  const all = listOf(schema['allOf']).map((part) => resolve(fieldsOf(part), root));
  if (all.length === 0) return schema;
  const { allOf: _, ...rest } = schema;
  return all.reduce<Fields>(merge, rest);
}

function merge(left: Fields, right: Fields): Fields {
  return {
    ...left,
    ...right,
    properties: { ...fieldsOf(left['properties']), ...fieldsOf(right['properties']) },
    required: [...stringsOf(left['required']), ...stringsOf(right['required'])],
  };
}

/** The variant that the text speaks for; without one, null where it is allowed, else the first. */
function fillVariant(name: string, variants: readonly Fields[], schema: Fields, place: Place): Filled {
  const nullable = variants.some((variant) => variant['type'] === 'null');
  if (nullable && place.depth >= MAX_DEPTH) return { value: null, evident: false };
  const { anyOf: _any, oneOf: _one, ...shared } = schema;
  const filled = variants
    .filter((variant) => variant['type'] !== 'null')
    .map((variant) =>
      fill(name, 'properties' in shared ? merge(shared, variant) : variant, { ...place, depth: place.depth + 1 }),
    );
  const evident = filled.find((entry) => entry.evident);
  if (evident) return evident;
  if (nullable) return { value: null, evident: false };
  return filled[0] ?? { value: null, evident: false };
}

function fillEnum(name: string, values: readonly unknown[], schema: Fields, clues: Clues): Filled {
  const lower = clues.text.toLowerCase();
  const labelled = clues.labelled(name)?.toLowerCase();
  const exact = values.find((value) => labelled !== undefined && String(value).toLowerCase() === labelled);
  const said =
    exact ??
    values.find(
      (value) => typeof value === 'string' && value !== '' && lower.includes(value.toLowerCase().replace(/_/g, ' ')),
    );
  if (said !== undefined) return { value: said, evident: true };
  const fallback = schema['default'] ?? (values.includes(null) ? null : values[0]);
  return { value: fallback ?? null, evident: false };
}

function fillObject(schema: Fields, place: Place): Filled {
  const required = new Set(stringsOf(schema['required']));
  const value: Record<string, unknown> = {};
  let evident = false;
  for (const [key, property] of Object.entries(fieldsOf(schema['properties']))) {
    if (!required.has(key) && place.depth >= MAX_DEPTH) continue;
    const filled = fill(key, fieldsOf(property), { ...place, depth: place.depth + 1 });
    if (required.has(key) || filled.evident) value[key] = filled.value;
    evident ||= filled.evident;
  }
  for (const key of required) value[key] ??= key in value ? value[key] : (place.clues.labelled(key) ?? 'unknown');
  return { value, evident };
}

function fillArray(name: string, schema: Fields, place: Place): Filled {
  const item = resolve(fieldsOf(schema['items']), place.root);
  const min = numberOf(schema['minItems']) ?? 0;
  const max = numberOf(schema['maxItems']) ?? Infinity;
  const found = place.depth >= MAX_DEPTH && min === 0 ? [] : membersOf(name, item, place);
  const members = found.slice(0, max);
  while (members.length < min) {
    const more = fill(name, item, { ...place, depth: place.depth + 1 }).value;
    members.push(schema['uniqueItems'] === true ? distinct(more, members) : more);
  }
  return { value: members, evident: found.length > 0 };
}

function distinct(value: unknown, members: readonly unknown[]): unknown {
  if (typeof value === 'number') return Math.max(value, ...members.map(Number)) + 1;
  return typeof value === 'string' ? `${value} ${members.length + 1}` : value;
}

function membersOf(name: string, item: Fields, place: Place): unknown[] {
  if (Array.isArray(item['enum'])) {
    const lower = place.clues.text.toLowerCase();
    return listOf(item['enum']).filter((value) => typeof value === 'string' && lower.includes(value.toLowerCase()));
  }
  switch (item['type']) {
    case 'string':
      return stringMembers(name, place.clues).filter((text) => isAllowed(text, item));
    case 'number':
    case 'integer':
      return place.clues.allNumbers().filter((value) => value === fitNumber(value, item, item['type'] === 'integer'));
    default: {
      const filled = fill(name, item, { ...place, depth: place.depth + 1 });
      return filled.evident ? [filled.value] : stepsOf(name, filled.value, place.clues);
    }
  }
}

/** A schema with "steps" wants at least one, or the form would look unanswered. */
function stepsOf(name: string, step: unknown, clues: Clues): unknown[] {
  return /\bsteps?\b/.test(spell(name)) || workOut(clues.text) !== undefined ? [step] : [];
}

function stringMembers(name: string, clues: Clues): string[] {
  if (/\b(?:participants?|people|persons?|names?|attendees|guests?|members|authors|recipients)\b/.test(spell(name)))
    return clues.names();
  if (/\b(?:cities|locations|places|countries|destinations)\b/.test(spell(name))) return clues.places();
  if (/\b(?:sentences|points|highlights|steps|findings)\b/.test(spell(name)))
    return sentencesOf(clues.text).slice(0, 5);
  const quoted = clues.quoted();
  if (quoted.length > 0) return quoted;
  const enumerated = clues.enumerated();
  return enumerated.length > 0 ? enumerated : clues.names();
}

function fillNumber(name: string, schema: Fields, clues: Clues, integer: boolean): Filled {
  const labelled = Number.parseFloat(clues.labelled(name)?.replace(/[^\d.-]/g, '') ?? '');
  const near = Number.isNaN(labelled) ? clues.numberNear(nameWords(name)) : labelled;
  const found = near ?? (/\bpages?\b/.test(spell(name)) ? undefined : clues.nextNumber());
  const value = fitNumber(found ?? 0, schema, integer);
  return { value, evident: found !== undefined && value === found };
}

function fitNumber(wanted: number, schema: Fields, integer: boolean): number {
  const step = numberOf(schema['multipleOf']) ?? (integer ? 1 : 0);
  const lowest = numberOf(schema['exclusiveMinimum']) ?? -Infinity;
  const highest = numberOf(schema['exclusiveMaximum']) ?? Infinity;
  const gap = step || 1e-6;
  const min = Math.max(numberOf(schema['minimum']) ?? -Infinity, lowest + gap);
  const max = Math.min(numberOf(schema['maximum']) ?? Infinity, highest - gap);
  const clamped = Math.min(Math.max(wanted, min), max);
  if (step === 0) return clamped;
  const rounded = Math.round(clamped / step) * step;
  if (rounded < min) return Math.ceil(min / step) * step;
  return rounded > max ? Math.floor(max / step) * step : rounded;
}

function fillBoolean(name: string, clues: Clues): Filled {
  const words = nameWords(name);
  const lower = clues.text.toLowerCase();
  const said = words.find((word) => lower.includes(word));
  if (said === undefined) return { value: false, evident: false };
  const before = lower.slice(Math.max(0, lower.indexOf(said) - 20), lower.indexOf(said));
  return { value: !/\b(?:not|no|without|never|don't|isn't)\b/.test(before), evident: true };
}
