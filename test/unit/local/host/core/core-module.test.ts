import { describe, expect, it } from 'vitest';
import { createCoreModule } from '../../../../../local/host/core/core-module.ts';
import type { ProgrammingModel } from '../../../../../local/host/core/programming-model.ts';

const model: ProgrammingModel = {
  name: 'model',
  version: '1',
  getInvocationModel: () => {
    throw new Error('not asked for here');
  },
};
const http = {
  name: 'f',
  bindings: { request: { type: 'httpTrigger', direction: 'in' }, $return: { type: 'http', direction: 'out' } },
};

function create() {
  const warnings: string[] = [];
  const { module, registrations } = createCoreModule((_level, _category, message) => warnings.push(message));
  const call = (name: string, ...parameters: unknown[]): unknown => {
    const member: unknown = Reflect.get(module, name);
    if (typeof member !== 'function') throw new Error(`${name} is no function`);
    return Reflect.apply(member, undefined, parameters);
  };
  return { call, registrations, warnings };
}

describe('the module @azure/functions-core', () => {
  it('keeps what an app registers, and finds the trigger by its type', () => {
    const { call, registrations } = create();
    call('registerFunction', http, () => undefined);
    const fn = registrations.functions.get('f');
    expect(fn?.trigger).toMatchObject({ name: 'request', type: 'httpTrigger' });
  });

  it('refuses the same function twice, one without a trigger, and any after the start', () => {
    const { call, registrations } = create();
    call('registerFunction', http, () => undefined);
    expect(() => call('registerFunction', http, () => undefined)).toThrow('already been registered');
    expect(() => call('registerFunction', { name: 'g', bindings: {} }, () => undefined)).toThrow('has no trigger');
    registrations.locked = true;
    expect(() => call('registerFunction', { ...http, name: 'h' }, () => undefined)).toThrow('during app startup');
  });

  it('takes hooks back, and tells the library by a marked RangeError which ones it does not know', () => {
    const { call, registrations } = create();
    const disposable = call('registerHook', 'preInvocation', () => undefined);
    expect(registrations.hooks.preInvocation).toHaveLength(1);
    const dispose: unknown = Reflect.get(Object(disposable), 'dispose');
    if (typeof dispose === 'function') Reflect.apply(dispose, disposable, []);
    expect(registrations.hooks.preInvocation).toEqual([]);
    let error: unknown;
    try {
      call('registerHook', 'nosuch', () => undefined);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(RangeError);
    expect(error).toHaveProperty('isAzureFunctionsSystemError', true);
  });

  it('warns of a second copy of the library', () => {
    const { call, warnings } = create();
    call('setProgrammingModel', model);
    expect(warnings).toEqual([]);
    call('setProgrammingModel', { ...model });
    expect(warnings.join()).toContain('Two copies of @azure/functions');
  });
});
