import type { Container } from '@azure/cosmos';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startCosmos } from '../../../../local/cosmos/server.ts';
import { statusOf } from '../../../conformance/cosmos/status-of.ts';
import { startAccount, type TestAccount } from './account.ts';

describe('the control door', () => {
  let account: TestAccount;
  let container: Container;

  beforeAll(async () => {
    account = await startAccount();
  });
  beforeEach(async () => {
    container = await account.container();
    await account.control('POST', 'reset');
  });
  afterAll(() => account.stop());

  const plan = (fault: object) => account.control('POST', 'faults', fault);
  const upsert = (id: string, pk = 'a') => statusOf(container.items.upsert({ id, pk }));

  it('makes the next operations of a kind fail, as often as planned', async () => {
    await plan({ operation: 'upsert', status: 449, times: 2 });
    expect(await upsert('1')).toBe(449);
    expect(await statusOf(container.item('1', 'a').read())).toBe(404);
    expect(await upsert('1')).toBe(449);
    expect(await upsert('1')).toBe(201);
  });

  it('says how long to wait, and the client does', async () => {
    await plan({ operation: 'read', status: 429, substatus: 3200, retryAfterMs: 5 });
    await container.items.create({ id: '1', pk: 'a' });
    const refusal = container.item('1', 'a').read();
    await expect(refusal).rejects.toMatchObject({ code: 429, substatus: 3200, retryAfterInMs: 5 });
  });

  it('meets only requests that hold a text, in the container of a name', async () => {
    await plan({ operation: 'upsert', status: 412, contains: 'chosen', container: container.id });
    const other = await account.container();
    expect(await statusOf(other.items.upsert({ id: 'chosen', pk: 'a' }))).toBe(201);
    expect(await upsert('passed-over')).toBe(201);
    expect(await upsert('chosen')).toBe(412);
    await plan({ operation: 'read', status: 412, contains: 'partition-x' });
    expect(await statusOf(container.item('passed-over', 'a').read())).toBe(200);
    expect(await statusOf(container.item('passed-over', 'partition-x').read())).toBe(412);
  });

  it('loses the answer of an operation that was done', async () => {
    await plan({ operation: 'create', status: 503, applied: true });
    expect(await statusOf(container.items.create({ id: '1', pk: 'a' }))).toBe(503);
    expect(await statusOf(container.item('1', 'a').read())).toBe(200);
  });

  it('cuts the connection', async () => {
    await plan({ operation: 'create', status: 'reset' });
    await expect(container.items.create({ id: '1', pk: 'a' })).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('holds a request until it is released: then it is done', async () => {
    await plan({ operation: 'create', status: 'hold', contains: 'slow' });
    const held = statusOf(container.items.create({ id: 'slow', pk: 'a' }));
    await expect.poll(() => account.control('GET', 'held')).toMatchObject([{ contains: 'slow' }]);
    await account.control('POST', 'release?contains=other');
    expect(await statusOf(container.item('slow', 'a').read())).toBe(404);
    await account.control('POST', 'release?contains=slow');
    expect(await held).toBe(201);
    expect(await account.control('GET', 'held')).toEqual([]);
  });

  it('does not do what it held for a caller who has gone; with applied, it was done before', async () => {
    for (const [id, applied] of [['never', false] as const, ['done', true] as const]) {
      await plan({ operation: 'create', status: 'hold', contains: id, applied });
      const caller = new AbortController();
      const held = container.items.create({ id, pk: 'a' }, { abortSignal: caller.signal }).catch(() => 'gone');
      await expect.poll(() => account.control('GET', 'held')).toHaveLength(1);
      caller.abort();
      await held;
      await expect.poll(() => account.control('GET', 'held')).toEqual([]);
      await account.control('POST', 'release');
    }
    expect(await statusOf(container.item('never', 'a').read())).toBe(404);
    expect(await statusOf(container.item('done', 'a').read())).toBe(200);
  });

  it('with *, passes over what the client asks for itself: a query is hit, its plan is not', async () => {
    await plan({ operation: '*', status: 418 });
    expect(await statusOf(container.items.query('SELECT * FROM c').fetchAll())).toBe(418);
    expect(await account.control('GET', 'faults')).toEqual([]);
  });

  it('shows the faults that nobody met, and forgets them', async () => {
    await plan({ operation: 'batch', status: 500, times: 3 });
    expect(await account.control('GET', 'faults')).toMatchObject([{ operation: 'batch', times: 3 }]);
    await account.control('POST', 'reset');
    expect(await account.control('GET', 'faults')).toEqual([]);
  });

  it('refuses a plan that makes no sense', async () => {
    await expect(plan({ operation: 'sleep', status: 429 })).rejects.toThrow(/operation/);
    await expect(plan({ operation: 'read', status: 200 })).rejects.toThrow(/status/);
    await expect(plan({ operation: 'read', status: 429, time: 2 })).rejects.toThrow(/time/);
  });

  it('counts operations by container', async () => {
    await upsert('1');
    await upsert('2');
    await container.item('1', 'a').read();
    await container.items.query('SELECT * FROM c').fetchAll();
    expect(await account.control('GET', 'counts')).toMatchObject({
      [container.id]: { upsert: 2, read: 1, query: 1, plan: 1 },
    });
  });

  it('counts documents, of a container, or those that hold a text', async () => {
    await upsert('resp_1', 'chain_1');
    await upsert('resp_2', 'chain_2');
    const count = (query: string) => account.control('GET', `documents?container=${container.id}${query}`);
    expect(await count('')).toMatchObject({ count: 2, containers: [{ container: container.id, count: 2 }] });
    expect(await count('&contains=chain_2')).toMatchObject({ count: 1 });
    expect(await count('&database=other')).toMatchObject({ count: 0 });
  });

  it('is not there unless it was asked for', async () => {
    const server = await startCosmos();
    expect((await fetch(`${server.address}/_control/counts`)).status).toBe(401);
    await server.stop();
  });
});
