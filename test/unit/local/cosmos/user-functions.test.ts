import type { Container } from '@azure/cosmos';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileFunction } from '../../../../local/cosmos/query/user-functions.ts';
import { statusOf } from '../../../conformance/cosmos/status-of.ts';
import { startAccount, type TestAccount } from './account.ts';

describe('user-defined functions', () => {
  let account: TestAccount;
  let container: Container;

  beforeAll(async () => {
    account = await startAccount();
    container = await account.container();
    await container.items.create({ id: '1', pk: 'a', n: 4 });
  });
  afterAll(() => account.stop());

  const call = async (expression: string) =>
    (await container.items.query<unknown>(`SELECT VALUE ${expression} FROM c`).fetchAll()).resources;

  it('are created, listed, replaced and deleted', async () => {
    const { userDefinedFunctions } = container.scripts;
    await userDefinedFunctions.create({ id: 'f', body: 'function (x) { return x + 1; }' });
    expect(await call('udf.f(c.n)')).toEqual([5]);
    expect(await statusOf(userDefinedFunctions.create({ id: 'f', body: 'function () {}' }))).toBe(409);
    await container.scripts.userDefinedFunction('f').replace({ id: 'f', body: 'function (x) { return [x]; }' });
    expect(await call('udf.f(c.n)')).toEqual([[4]]);
    expect((await userDefinedFunctions.readAll().fetchAll()).resources.map(({ id }) => id)).toEqual(['f']);
    await container.scripts.userDefinedFunction('f').delete();
    await expect(call('udf.f(c.n)')).rejects.toMatchObject({ code: 400 });
  });

  it('see nothing of the process, and cannot run on for ever', () => {
    expect(compileFunction('f', 'function () { return typeof process + typeof require; }')([])).toBe(
      'undefinedundefined',
    );
    expect(() => compileFunction('f', 'function () { for (;;); }')([])).toThrow(/failed/);
    expect(() => compileFunction('f', 'function () { throw new Error("no"); }')([])).toThrow(/no/);
    expect(() => compileFunction('f', 'not a function (')).toThrow(/no valid function/);
  });

  it('give undefined for undefined', () => {
    expect(compileFunction('f', 'function () {}')([])).toBeUndefined();
  });
});
