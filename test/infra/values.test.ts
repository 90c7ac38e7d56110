import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { literal, type Declaration } from './bicep.ts';
import { deploymentWith, fileAt, mainFile, parametersOf } from './template.ts';

const ENTRA = { AUTH_AUDIENCE: 'api://gateway', AZURE_LOCATION: 'swedencentral' };

/** Every switch thrown once: together they reach every module and every branch. */
const ENVIRONMENTS: [string, Record<string, string>][] = [
  ['as it comes', ENTRA],
  ['private, with a budget', { ...ENTRA, PRIVATE_NETWORK: 'true', MONTHLY_BUDGET: '50', ALERT_EMAILS: 'a@b.c,d@e.f' }],
  ['without images, with keys', { AUTH_MODE: 'keys', AUTH_KEYS: '{}', IMAGE_MODEL: 'none' }],
  ['with a role of its own', { ...ENTRA, OPENAI_FILES_ROLE: 'existing', OPENAI_FILES_ROLE_ID: 'id' }],
];

const typeOf = (value: unknown): string => {
  if (Array.isArray(value)) return 'array';
  return value === null
    ? 'null'
    : typeof value === 'number'
      ? 'int'
      : typeof value === 'boolean'
        ? 'bool'
        : typeof value;
};

/** The type a parameter is declared with, in the same words. */
function wantedType(parameter: Declaration): string {
  const type = parameter.node.namedChildren[1]?.text ?? '';
  if (/\[\]$/.test(type)) return 'array';
  return /^(string|int|bool)$/.test(type) ? type : 'object';
}

/** What Azure fills in only afterwards has no value here. */
const isKnownLater = (value: unknown): boolean => typeof value === 'string' && value.includes('<');

function faultOf(parameter: Declaration, value: unknown): string | undefined {
  if (isKnownLater(value) || (parameter.nullable && value === null)) return undefined;
  if (typeOf(value) !== wantedType(parameter))
    return `${parameter.name} is ${typeOf(value)}, not ${wantedType(parameter)}`;
  const allowed = parameter.allowed?.namedChildren.map((node) => literal(node) ?? Number(node.text));
  return allowed === undefined || allowed.some((one) => one === value)
    ? undefined
    : `${parameter.name} is ${String(value)}, which is not allowed`;
}

describe('the values that reach the modules', () => {
  it.each(ENVIRONMENTS)('are of the type that is wanted, and allowed: %s', (_name, environment) => {
    const deployment = deploymentWith(environment);
    const faults = mainFile.modules.flatMap((module) => {
      const wanted = fileAt(join(dirname(mainFile.path), module.target)).parameters;
      const passed = parametersOf(deployment, module.symbol);
      return wanted.flatMap((parameter) => {
        const fault = faultOf(parameter, passed[parameter.name]);
        return fault === undefined ? [] : [`${module.symbol}: ${fault}`];
      });
    });
    expect(faults).toEqual([]);
  });

  it.each(ENVIRONMENTS)('come from parameters that the template takes: %s', (_name, environment) => {
    const deployment = deploymentWith(environment);
    const faults = mainFile.parameters
      .filter(({ name }) => name !== 'thisMonth')
      .flatMap((parameter) => faultOf(parameter, deployment.named(parameter.name)) ?? []);
    expect(faults).toEqual([]);
  });

  it('would show a value of the wrong type, and one that is not allowed', () => {
    const [location, capacity] = ['location', 'textCapacity'].map((name) =>
      mainFile.parameters.find((parameter) => parameter.name === name),
    );
    expect(location && faultOf(location, 'atlantis')).toBe('location is atlantis, which is not allowed');
    expect(capacity && faultOf(capacity, '100')).toBe('textCapacity is string, not int');
  });
});
