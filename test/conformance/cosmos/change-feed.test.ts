/* eslint @typescript-eslint/no-unsafe-class-instance-assignment: off -- the client's factory and its option differ in type */
import { ChangeFeedStartFrom, type ChangeFeedPullModelIterator, type Container } from '@azure/cosmos';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAccount, type Account } from './account.ts';

interface Changed {
  id: string;
}

describe('change feed', () => {
  let account: Account;

  beforeAll(async () => {
    account = await openAccount();
  });
  afterAll(() => account.close());

  /** Reads until the feed says that there is nothing new. */
  async function drain(feed: ChangeFeedPullModelIterator<Changed>) {
    const ids: string[] = [];
    for (;;) {
      const page = await feed.readNext();
      if (page.statusCode === 304) return { ids, continuationToken: page.continuationToken };
      ids.push(...page.result.map(({ id }) => id));
    }
  }

  const create = (container: Container, id: string, pk: string) => container.items.create({ id, pk });

  it('gives everything from the beginning', async () => {
    const container = await account.container('changes');
    for (let i = 0; i < 50; i++) await create(container, `i${i}`, `p${i % 2}`);
    const feed = container.items.getChangeFeedIterator<Changed>({
      changeFeedStartFrom: ChangeFeedStartFrom.Beginning(),
      maxItemCount: 20,
    });
    expect(new Set((await drain(feed)).ids).size).toBe(50);
  });

  it('gives only what is new after a continuation, in one partition', async () => {
    const container = await account.container('changes-of-one');
    const read = (changeFeedStartFrom: ChangeFeedStartFrom) =>
      drain(container.items.getChangeFeedIterator<Changed>({ changeFeedStartFrom }));
    await create(container, '1', 'a');
    const { continuationToken } = await read(ChangeFeedStartFrom.Beginning('a'));
    await create(container, '2', 'a');
    await create(container, '3', 'b');
    expect((await read(ChangeFeedStartFrom.Continuation(continuationToken))).ids).toEqual(['2']);
  });
});
