import { badRequest } from '../errors.ts';
import { isObject, property, type JsonObject, type Value } from '../json.ts';

/** The text and parameters of a query's body. @throws CosmosError 400 */
export function parseParameters(body: JsonObject): { query: string; parameters: Map<string, Value> } {
  const query = property(body, 'query');
  if (typeof query !== 'string') throw badRequest("The body of a query needs the text 'query'.");
  const list = property(body, 'parameters') ?? [];
  if (!Array.isArray(list)) throw badRequest("The 'parameters' of a query are a list.");
  const parameters = new Map<string, Value>();
  for (const parameter of list) {
    const name = isObject(parameter) ? property(parameter, 'name') : undefined;
    if (!isObject(parameter) || typeof name !== 'string')
      throw badRequest('A parameter of a query has a name and a value.');
    parameters.set(name, property(parameter, 'value'));
  }
  return { query, parameters };
}
