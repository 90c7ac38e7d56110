/* eslint @typescript-eslint/no-unsafe-class-instance-assignment: off -- the client's factory and its option differ in type */
import { ChangeFeedStartFrom, type ChangeFeedIteratorOptions, type Container } from '@azure/cosmos';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { statusOf } from '../../../conformance/cosmos/status-of.ts';
import { startAccount, type TestAccount } from './account.ts';

interface Changed {
  id: string;
  v?: number;
  _lsn: number;
}

describe('change feed', () => {
  let account: TestAccount;
  let container: Container;

  beforeAll(async () => {
    account = await startAccount();
  });
  beforeEach(async () => {
    container = await account.container();
  });
  afterAll(() => account.stop());

  const open = (options: ChangeFeedIteratorOptions) => container.items.getChangeFeedIterator<Changed>(options);
  const put = (id: string, v: number) => container.items.upsert({ id, pk: 'a', v });

  it('gives each item once, in its last version, in the order of the last writes', async () => {
    await put('1', 1);
    await put('2', 1);
    await put('1', 2);
    await put('3', 1);
    await container.item('3', 'a').delete();
    const { result } = await open({ changeFeedStartFrom: ChangeFeedStartFrom.Beginning() }).readNext();
    expect(result.map(({ id, v }) => [id, v])).toEqual([
      ['2', 1],
      ['1', 2],
    ]);
    expect(result[0]!._lsn).toBeLessThan(result[1]!._lsn);
  });

  it('starts from now', async () => {
    await put('before', 1);
    const feed = open({ changeFeedStartFrom: ChangeFeedStartFrom.Now() });
    expect((await feed.readNext()).statusCode).toBe(304);
    await put('after', 1);
    expect((await feed.readNext()).result.map(({ id }) => id)).toEqual(['after']);
  });

  it('starts at a time', async () => {
    await put('early', 1);
    await account.control('POST', 'clock', { advanceMs: 3_600_000 });
    await put('late', 1);
    const between = new Date(Date.now() + 1_800_000);
    const { result } = await open({ changeFeedStartFrom: ChangeFeedStartFrom.Time(between) }).readNext();
    expect(result.map(({ id }) => id)).toEqual(['late']);
  });

  it('refuses what it cannot give: all versions and deletes, a part of a hierarchical key', async () => {
    const all = container.items.getChangeFeedIterator({
      changeFeedStartFrom: ChangeFeedStartFrom.Now(),
      changeFeedMode: 'Full-Fidelity Feed',
    } as unknown as ChangeFeedIteratorOptions);
    await expect(all.readNext()).rejects.toMatchObject({ code: 501 });
    const tree = await account.container({ partitionKey: { paths: ['/a', '/b'] } });
    await tree.items.create({ id: '1', a: 'x', b: 'y' });
    const part = tree.items.getChangeFeedIterator({ changeFeedStartFrom: ChangeFeedStartFrom.Beginning(['x']) });
    expect(await statusOf(part.readNext().then(() => ({ statusCode: 200 })))).toBe(501);
  });
});
