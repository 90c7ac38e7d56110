import type { Container } from '@azure/cosmos';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAccount, type Account } from './account.ts';
import { asker, fill } from './query-data.ts';
import { statusOf } from './status-of.ts';

describe('conditions of queries', () => {
  let account: Account;
  let container: Container;
  const ask = asker(() => container);
  const count = (condition: string) => ask(`SELECT VALUE COUNT(1) FROM c WHERE ${condition}`);

  beforeAll(async () => {
    account = await openAccount();
    container = await account.container('filters');
    await fill(container);
  });
  afterAll(() => account.close());

  it('WHERE with a parameter, ORDER BY DESC', async () => {
    const rows = await ask('SELECT VALUE c.n FROM c WHERE c.n >= @least ORDER BY c.n DESC', { least: 45 });
    expect(rows).toEqual([49, 48, 47, 46, 45]);
  });

  it('the partition of the options restricts the rows, without a word of it in the query', async () => {
    const rows = await ask('SELECT VALUE c.n FROM c WHERE c.n < 6 ORDER BY c.n', {}, { partitionKey: 'odd' });
    expect(rows).toEqual([1, 3, 5]);
  });

  it('ARRAY_CONTAINS, IS_DEFINED, STARTSWITH', async () => {
    expect(await count("ARRAY_CONTAINS(c.tags, 'x')")).toEqual([17]);
    expect(await count('IS_DEFINED(c.nope)')).toEqual([0]);
    expect(await count("STARTSWITH(c.s, 'Str4')")).toEqual([11]);
  });

  it('CONTAINS that ignores case', async () => {
    expect(await count("CONTAINS(c.s, 'STR4', true)")).toEqual([11]);
  });

  it('ARRAY_CONTAINS on a parameter, and IN', async () => {
    const query = 'SELECT VALUE c.n FROM c WHERE ARRAY_CONTAINS(@list, c.n) ORDER BY c.n';
    expect(await ask(query, { list: [3, 4] })).toEqual([3, 4]);
    expect(await ask('SELECT VALUE c.n FROM c WHERE c.n IN (1, 2) ORDER BY c.n')).toEqual([1, 2]);
  });

  it('BETWEEN, ??, ? :', async () => {
    expect(await count('c.n BETWEEN 3 AND 5')).toEqual([3]);
    expect(await ask("SELECT VALUE (c.nope ?? 'd') FROM c WHERE c.n = 1")).toEqual(['d']);
    expect(await ask("SELECT VALUE (c.n > 1 ? 'a' : 'b') FROM c WHERE c.n = 1")).toEqual(['b']);
  });

  it('LIKE', async () => {
    expect(await count("c.s LIKE 'Str4%'")).toEqual([11]);
  });

  it('GetCurrentTimestamp()', async () => {
    const [now] = await ask('SELECT VALUE GetCurrentTimestamp() FROM c WHERE c.n = 1');
    expect(now).toBeTypeOf('number');
  });

  it('a syntax error is a 400', async () => {
    expect(await statusOf(container.items.query('SELEC x').fetchAll())).toBe(400);
  });
});
