import { existsSync, readFileSync } from 'node:fs';
import stripJsonComments from 'strip-json-comments';
import { StartError } from './start-error.ts';

/**
 * Reads a settings file the way .NET does: comments, trailing commas and a byte order mark are fine.
 * @returns undefined when there is no such file
 * @throws StartError when it is no JSON
 */
export function readJsonFile(path: string): unknown {
  if (!existsSync(path)) return undefined;
  try {
    return parseLenientJson(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new StartError(`${path} is no valid JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Parses JSON with comments, trailing commas and a byte order mark. Throws SyntaxError. */
export function parseLenientJson(text: string): unknown {
  return JSON.parse(stripJsonComments(text.replace(/^\uFEFF/, ''), { trailingCommas: true }));
}
