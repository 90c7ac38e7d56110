import type { Container } from '@azure/cosmos';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAccount, type Account } from './account.ts';
import { statusOf } from './status-of.ts';

describe('unique keys', () => {
  let account: Account;
  let container: Container;

  beforeAll(async () => {
    account = await openAccount();
    container = await account.container('unique');
    await container.items.create({ id: '1', pk: 'a', email: 'e' });
  });
  afterAll(() => account.close());

  it('refuse a second item with the value: 409', async () => {
    expect(await statusOf(container.items.create({ id: '2', pk: 'a', email: 'e' }))).toBe(409);
  });

  it('count within a partition, and by all their paths together', async () => {
    expect(await statusOf(container.items.create({ id: '3', pk: 'b', email: 'e' }))).toBe(201);
    const pair = await account.container('unique-pair');
    await pair.items.create({ id: '1', pk: 'p', a: 1, b: 1 });
    expect(await statusOf(pair.items.create({ id: '2', pk: 'p', a: 1, b: 2 }))).toBe(201);
    expect(await statusOf(pair.items.create({ id: '3', pk: 'p', a: 1, b: 2 }))).toBe(409);
  });
});
