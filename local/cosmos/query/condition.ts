import { badRequest } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { planQuery, rootScope } from './plan.ts';

const NOTHING = { parameters: new Map(), userFunctions: new Map(), clock: Date.now };

/** Whether a document meets the condition of a patch: `from c where c.state = "open"`. @throws CosmosError 400 */
export function matchesCondition(document: JsonObject, condition: string): boolean {
  if (!/^\s*from\s/i.test(condition)) throw badRequest('The condition of a patch has the form: from c where ...');
  const { compiled, rootName } = planQuery(`SELECT * ${condition}`, NOTHING);
  for (const _row of compiled.expand(rootScope(rootName, () => document))) return true;
  return false;
}
