import { TriggerOperation, TriggerType, type Container } from '@azure/cosmos';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { declaredGap, mayManage, openAccount, type Account } from './account.ts';

// Skipped with a token: no role of the data plane may create scripts.
describe.skipIf(!mayManage)('scripts', () => {
  let account: Account;
  let container: Container;

  beforeAll(async () => {
    account = await openAccount();
    container = await account.container('scripts');
    await container.items.create({ id: 'one', pk: 'a', n: 4 });
  });
  afterAll(() => account.close());

  it('a user-defined function in a query', async () => {
    await container.scripts.userDefinedFunctions.create({ id: 'double', body: 'function (x) { return x * 2; }' });
    const { resources } = await container.items.query('SELECT VALUE udf.double(c.n) FROM c').fetchAll();
    expect(resources).toEqual([8]);
  });

  declaredGap('storedProcedures', 'create and execute a stored procedure', async () => {
    const { storedProcedures } = container.scripts;
    await storedProcedures.create({ id: 'echo', body: 'function (x) { getContext().getResponse().setBody(x); }' });
    expect((await container.scripts.storedProcedure('echo').execute('a', ['hi'])).resource).toBe('hi');
  });

  declaredGap('triggers', 'create a trigger', () =>
    container.scripts.triggers.create({
      id: 'before',
      body: 'function () {}',
      triggerType: TriggerType.Pre,
      triggerOperation: TriggerOperation.All,
    }),
  );
});
