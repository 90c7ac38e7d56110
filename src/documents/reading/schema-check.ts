import { Ajv } from 'ajv';

/**
 * Says what is wrong with a JSON Schema, or undefined when it can be used. Compiled here, in the reading thread:
 * a schema is code that somebody dropped into a folder.
 */
export function faultOfSchema(schema: unknown): string | undefined {
  if (schema === null || typeof schema !== 'object' || Array.isArray(schema)) return 'it is no JSON object';
  if (!('type' in schema) || schema.type !== 'object') {
    return 'its root must be {"type":"object"}: a structured answer is always an object';
  }
  try {
    new Ajv({ strict: false, logger: false, validateFormats: false }).compile(schema);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : 'it cannot be compiled';
  }
}
