import { createContext, Script } from 'node:vm';
import { badRequest } from '../errors.ts';
import { parseObject, property, type Value } from '../json.ts';
import type { Container } from '../store/container.ts';

/** How long one call may take; a row's function is a formula, not a program. */
const CALL_LIMIT_MS = 1000;

/** The user-defined functions of a container, ready to call. Arguments and results pass as JSON. */
export function userFunctions(container: Container): ReadonlyMap<string, (args: readonly Value[]) => Value> {
  for (const [id, source] of container.functions) {
    if (!container.compiled.has(id)) container.compiled.set(id, compileFunction(id, source));
  }
  return container.compiled;
}

/** @throws CosmosError 400 when the source is no function. */
export function compileFunction(id: string, source: string): (args: readonly Value[]) => Value {
  const context = createContext({ input: '' }, { codeGeneration: { strings: false, wasm: false } });
  const call = parseScript(id, `JSON.stringify({ value: (${source})(...JSON.parse(input)) })`);
  return (args) => {
    context.input = JSON.stringify(args);
    try {
      const result: unknown = call.runInContext(context, { timeout: CALL_LIMIT_MS });
      return typeof result === 'string' ? property(parseObject(result), 'value') : undefined;
    } catch (error) {
      throw badRequest(
        `The user-defined function '${id}' failed: ${error instanceof Error ? error.message : 'no reason given'}`,
      );
    }
  };
}

function parseScript(id: string, code: string): Script {
  try {
    return new Script(code);
  } catch (error) {
    throw badRequest(`The user-defined function '${id}' is no valid function: ${String(error)}`);
  }
}
