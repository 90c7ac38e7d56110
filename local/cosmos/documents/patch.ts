import { badRequest, preconditionFailed } from '../errors.ts';
import { isObject, property, setProperty, type Json, type JsonObject, type Value } from '../json.ts';
import { MAX_PATCH_OPERATIONS } from '../limits.ts';
import { matchesCondition } from '../query/condition.ts';
import type { Container } from '../store/container.ts';

type Verb = 'add' | 'set' | 'replace' | 'remove' | 'incr' | 'move';

interface Step {
  verb: Verb;
  path: readonly string[];
  value: Value;
  /** Only for `move`. */
  from: readonly string[];
}

export interface Patch {
  steps: readonly Step[];
  /** `from c where ...`: the patch is made only if it holds. */
  condition: string | undefined;
}

const SYSTEM_PROPERTIES = new Set(['id', '_rid', '_self', '_etag', '_attachments', '_ts', '_lsn']);

const isVerb = (value: Value): value is Verb =>
  typeof value === 'string' && ['add', 'set', 'replace', 'remove', 'incr', 'move'].includes(value);

/**
 * Reads the body of a patch: a list of operations, or `{operations, condition}`.
 * Source: "Partial document update in Azure Cosmos DB".
 * @throws CosmosError 400
 */
export function parsePatch(container: Container, body: Value): Patch {
  const operations = isObject(body) ? property(body, 'operations') : body;
  const condition = isObject(body) ? property(body, 'condition') : undefined;
  if (!Array.isArray(operations) || operations.length === 0) throw badRequest('A patch needs at least one operation.');
  if (operations.length > MAX_PATCH_OPERATIONS) {
    throw badRequest(`The number of patch operations can't exceed '${MAX_PATCH_OPERATIONS}'.`);
  }
  if (condition !== undefined && typeof condition !== 'string') throw badRequest('The condition of a patch is a text.');
  return { steps: operations.map((operation) => parseStep(container, operation)), condition };
}

function parseStep(container: Container, operation: Json): Step {
  if (!isObject(operation)) throw badRequest('An operation of a patch is an object.');
  const verb = property(operation, 'op');
  if (!isVerb(verb)) throw badRequest(`A patch has no operation '${JSON.stringify(verb)}'.`);
  const path = parsePointer(container, property(operation, 'path'));
  const value = property(operation, 'value');
  if (value === undefined && verb !== 'remove' && verb !== 'move') throw badRequest(`'${verb}' needs a value.`);
  const from = verb === 'move' ? parsePointer(container, property(operation, 'from')) : [];
  if (verb === 'move' && from.every((name, i) => path[i] === name) && path.length > from.length) {
    throw badRequest("The path of 'move' cannot be below its 'from'.");
  }
  return { verb, path, value, from };
}

/** A JSON pointer that names neither a system property nor the partition key or an object around it. */
function parsePointer(container: Container, pointer: Value): string[] {
  if (typeof pointer !== 'string' || !/^\/./.test(pointer)) {
    throw badRequest(`The path '${JSON.stringify(pointer)}' of a patch is no path below the document.`);
  }
  const path = pointer
    .slice(1)
    .split('/')
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
  const [first = ''] = path;
  const isKey = container.partitionPaths.some((key) => key.every((name, i) => (path[i] ?? name) === name));
  if (isKey || (path.length === 1 && SYSTEM_PROPERTIES.has(first))) {
    throw badRequest(`'${pointer}' cannot be patched: it is a system property or the partition key.`);
  }
  return path;
}

/**
 * Gives the patched document. All steps hold or none: the caller stores only the result.
 * @throws CosmosError 412 when the condition does not hold, 400 when a step does not fit the document.
 */
export function applyPatch(document: JsonObject, patch: Patch): JsonObject {
  if (patch.condition !== undefined && !matchesCondition(document, patch.condition)) throw preconditionFailed();
  for (const step of patch.steps) applyStep(document, step);
  return document;
}

function applyStep(document: JsonObject, { verb, path, value = null, from }: Step): void {
  const place = locate(document, path);
  switch (verb) {
    case 'add':
      insert(place, value);
      break;
    case 'set':
      assign(place, value);
      break;
    case 'replace':
      requirePresent(place);
      assign(place, value);
      break;
    case 'remove':
      remove(place);
      break;
    case 'incr':
      increment(place, value);
      break;
    case 'move': {
      const moved = remove(locate(document, from));
      insert(locate(document, path), moved);
      break;
    }
  }
}

/** A property of an object, or an index of an array (its length for `-`). */
type Place = { kind: 'property'; owner: JsonObject; name: string } | { kind: 'element'; owner: Json[]; index: number };

function locate(document: JsonObject, path: readonly string[]): Place {
  let owner: Value = document;
  for (const name of path.slice(0, -1)) owner = childOf(owner, name);
  const name = path.at(-1) ?? '';
  if (Array.isArray(owner)) return { kind: 'element', owner, index: parseIndex(owner, name) };
  if (isObject(owner)) return { kind: 'property', owner, name };
  throw badRequest(`The path '/${path.join('/')}' does not exist in the document.`);
}

function childOf(owner: Value, name: string): Value {
  if (Array.isArray(owner)) return owner[parseIndex(owner, name)];
  return isObject(owner) ? property(owner, name) : undefined;
}

function parseIndex(list: readonly Json[], name: string): number {
  if (name === '-') return list.length;
  if (!/^\d+$/.test(name)) throw badRequest(`'${name}' is no index of an array.`);
  return Number(name);
}

function insert(place: Place, value: Json): void {
  if (place.kind === 'property') assign(place, value);
  else if (place.index <= place.owner.length) place.owner.splice(place.index, 0, value);
  else throw outOfBounds(place.index);
}

function assign(place: Place, value: Json): void {
  if (place.kind === 'property') setProperty(place.owner, place.name, value);
  else if (place.index < place.owner.length) place.owner[place.index] = value;
  else throw outOfBounds(place.index);
}

function remove(place: Place): Json {
  const value = requirePresent(place);
  if (place.kind === 'element') place.owner.splice(place.index, 1);
  else Reflect.deleteProperty(place.owner, place.name);
  return value;
}

function requirePresent(place: Place): Json {
  const value = valueAtPlace(place);
  if (value === undefined) throw badRequest('The operation needs a path that exists in the document.');
  return value;
}

const valueAtPlace = (place: Place): Value =>
  place.kind === 'element' ? place.owner[place.index] : property(place.owner, place.name);

function increment(place: Place, by: Json): void {
  if (typeof by !== 'number') throw badRequest("'incr' needs a number.");
  const value = valueAtPlace(place);
  if (value === undefined) insert(place, by);
  else if (typeof value === 'number') assign(place, value + by);
  else throw badRequest("'incr' needs a path that holds a number.");
}

const outOfBounds = (index: number) => badRequest(`The index ${index} is outside of the array.`);
