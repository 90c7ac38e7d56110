import type { Container, PatchOperation } from '@azure/cosmos';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAccount, type Account } from './account.ts';
import { statusOf } from './status-of.ts';

type Content = Record<string, unknown>;

describe('patch', () => {
  let account: Account;
  let container: Container;

  beforeAll(async () => {
    account = await openAccount();
    container = await account.container('patches');
  });
  afterAll(() => account.close());

  async function create(id: string, content: object) {
    await container.items.create({ id, pk: 'a', ...content });
    return container.item(id, 'a');
  }

  it('sets, adds, replaces, increments and removes', async () => {
    const item = await create('many', { v: 1, arr: [1], o: { x: 1 } });
    const { resource } = await item.patch<Content>([
      { op: 'set', path: '/s', value: 'q' },
      { op: 'add', path: '/arr/-', value: 2 },
      { op: 'replace', path: '/o/x', value: 5 },
      { op: 'incr', path: '/v', value: 2 },
      { op: 'remove', path: '/o/x' },
    ]);
    expect(resource).toMatchObject({ v: 3, arr: [1, 2], s: 'q' });
    expect(resource).toHaveProperty('o', {});
  });

  it('inserts into an array, and moves a property', async () => {
    const item = await create('arrays', { arr: [1, 2], s: 'q' });
    const { resource } = await item.patch<Content>([
      { op: 'add', path: '/arr/0', value: 0 },
      // The service knows it, the client's types do not.
      { op: 'move', from: '/s', path: '/t' } as unknown as PatchOperation,
    ]);
    expect(resource).toMatchObject({ arr: [0, 1, 2], t: 'q' });
    expect(resource).not.toHaveProperty('s');
  });

  const set = [{ op: 'set' as const, path: '/z', value: 1 }];

  it('changes nothing when its condition does not hold: 412', async () => {
    const item = await create('condition-false', { v: 3 });
    expect(await statusOf(item.patch({ condition: 'from c where c.v = 999', operations: set }))).toBe(412);
    expect((await item.read()).resource).not.toHaveProperty('z');
  });

  it('changes when its condition holds', async () => {
    const item = await create('condition-true', { v: 3 });
    const { resource } = await item.patch<Content>({ condition: 'from c where c.v = 3', operations: set });
    expect(resource).toMatchObject({ z: 1 });
  });

  it('refuses more than 10 operations', async () => {
    const item = await create('eleven', {});
    const operations = Array.from({ length: 11 }, (_, i) => ({ op: 'set' as const, path: `/f${i}`, value: i }));
    expect(await statusOf(item.patch(operations))).toBe(400);
  });

  it('finds no missing item', async () => {
    expect(await statusOf(container.item('missing', 'a').patch(set))).toBe(404);
  });
});
