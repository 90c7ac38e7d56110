import type { Container, RequestOptions } from '@azure/cosmos';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openAccount, type Account } from './account.ts';
import { statusOf } from './status-of.ts';

const ifMatch = (condition: string): RequestOptions => ({ accessCondition: { type: 'IfMatch', condition } });
const ifNoneMatch = (condition: string): RequestOptions => ({ accessCondition: { type: 'IfNoneMatch', condition } });

describe('conditions on the entity tag', () => {
  let account: Account;
  let container: Container;
  let current: string;
  const stale = '"0000-stale"';
  const item = { id: 'guarded', pk: 'a' };

  beforeAll(async () => {
    account = await openAccount();
    container = await account.container('tags');
  });
  beforeEach(async () => {
    current = (await container.items.upsert(item)).etag;
  });
  afterAll(() => account.close());

  const guarded = () => container.item('guarded', 'a');

  it('replace, If-Match stale: 412', async () => {
    const before = current;
    await guarded().replace({ ...item, v: 1 });
    expect(await statusOf(guarded().replace({ ...item, v: 2 }, ifMatch(before)))).toBe(412);
  });

  it('replace, If-Match current: 200', async () => {
    expect(await statusOf(guarded().replace({ ...item, v: 1 }, ifMatch(current)))).toBe(200);
  });

  it('upsert, If-Match stale: 412', async () => {
    expect(await statusOf(container.items.upsert(item, ifMatch(stale)))).toBe(412);
  });

  it('delete, If-Match stale: 412', async () => {
    expect(await statusOf(guarded().delete(ifMatch(stale)))).toBe(412);
  });

  it('patch, If-Match stale: 412', async () => {
    const set = [{ op: 'set' as const, path: '/v', value: 1 }];
    expect(await statusOf(guarded().patch(set, ifMatch(stale)))).toBe(412);
  });

  it('read, If-None-Match current: 304', async () => {
    expect(await statusOf(guarded().read(ifNoneMatch(current)))).toBe(304);
  });

  it('upsert, If-None-Match * on an item that is there: 412 or 409', async () => {
    expect([409, 412]).toContain(await statusOf(container.items.upsert(item, ifNoneMatch('*'))));
  });

  it('of 20 replaces at once with the same tag exactly one wins', async () => {
    const race = Array.from({ length: 20 }, (_, n) => statusOf(guarded().replace({ ...item, n }, ifMatch(current))));
    const statuses = await Promise.all(race);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 412)).toHaveLength(19);
  });
});
