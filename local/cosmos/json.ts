/** A JSON value as it is stored and sent. */
export type Json = null | boolean | number | string | Json[] | JsonObject;

export interface JsonObject {
  [property: string]: Json;
}

/** What an expression of the query language yields: JSON, or undefined for "not there". */
export type Value = Json | undefined;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads one JSON object. @throws SyntaxError when the text is no JSON or no object. */
export function parseObject(text: string): JsonObject {
  const value: unknown = JSON.parse(text);
  if (!isObject(value)) throw new SyntaxError('A JSON object is expected here.');
  return value;
}

/** A property of its own, never one of the prototype: documents may be named `constructor`. */
export function property(object: JsonObject, name: string): Value {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** The value at a path of property names; undefined where the path leaves the document. */
export function valueAt(document: Value, path: readonly string[]): Value {
  let value = document;
  for (const name of path) {
    if (!isObject(value)) return undefined;
    value = property(value, name);
  }
  return value;
}

/** Sets a property, also one named `__proto__`, which a plain assignment would take for the prototype. */
export function setProperty(object: JsonObject, name: string, value: Json): void {
  if (name !== '__proto__') object[name] = value;
  else Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}
