import { describe, expect, it } from 'vitest';
import { fillSettings, functionsToRun, isDisabled } from '../../../../../local/host/core/functions-to-run.ts';
import type { RegisteredFunction } from '../../../../../local/host/core/types.ts';

function queueFunction(name: string, queueName: string): RegisteredFunction {
  const trigger = { name: 'message', type: 'queueTrigger', direction: 'in' as const, queueName };
  return { id: name, name, bindings: { message: trigger }, trigger, callback: () => undefined };
}

describe('the functions that run', () => {
  it('leaves out disabled ones', () => {
    expect(isDisabled('f', { 'AzureWebJobs.f.Disabled': 'True' })).toBe(true);
    expect(isDisabled('f', { AzureWebJobs_f_Disabled: '1' })).toBe(true);
    expect(isDisabled('f', { 'AzureWebJobs.f.Disabled': 'false' })).toBe(false);
    expect(isDisabled('f', { 'AzureWebJobs.g.Disabled': '1' })).toBe(false);
  });

  it('follows the list in host.json', () => {
    const names = (listed: string[] | undefined): string[] =>
      functionsToRun([queueFunction('One', 'a'), queueFunction('Two', 'b')], {}, listed).map(({ name }) => name);
    expect(names(undefined)).toEqual(['One', 'Two']);
    expect(names(['two'])).toEqual(['Two']);
    expect(names([])).toEqual([]);
  });

  it('fills settings into bindings, for the trigger too', () => {
    const [fn] = functionsToRun([queueFunction('f', '%PREFIX%-%NAME%')], { PREFIX: 'a', NAME: 'b' }, undefined);
    expect(fn?.trigger.queueName).toBe('a-b');
    expect(fn?.bindings.message?.queueName).toBe('a-b');
  });

  it('leaves a lone per cent sign alone, and names a setting that is missing', () => {
    expect(fillSettings('100% of it', {}, 'f')).toBe('100% of it');
    expect(() => fillSettings('%MISSING%', {}, 'f, binding message')).toThrow(/f, binding message.*%MISSING%/);
  });
});
