import { badRequest } from '../../errors.ts';
import { refusedFunction } from '../../refusals.ts';
import { arrayFunctions } from './arrays.ts';
import type { BuiltIn } from './built-in.ts';
import { dateFunctions } from './dates.ts';
import { numberFunctions } from './numbers.ts';
import { textFunctions } from './text.ts';
import { typeFunctions } from './types.ts';

const FUNCTIONS = new Map<string, BuiltIn>(
  [textFunctions, numberFunctions, typeFunctions, arrayFunctions, dateFunctions].flatMap((table) =>
    Object.entries(table),
  ),
);

/**
 * The function of this (upper-case) name, for a call with so many arguments.
 * @throws CosmosError 501 for one that only Azure has, 400 for an unknown one or a wrong number of arguments.
 */
export function findFunction(name: string, count: number): BuiltIn {
  const refusal = refusedFunction(name);
  if (refusal) throw refusal;
  const found = FUNCTIONS.get(name);
  if (!found) throw badRequest(`'${name}' is not a recognized built-in function name.`);
  if (count < found.least || count > found.most) {
    throw badRequest(`The ${name} function requires ${found.least} to ${found.most} argument(s), not ${count}.`);
  }
  return found;
}
