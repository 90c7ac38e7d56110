import { BulkOperationType, type Container } from '@azure/cosmos';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MAX_ID_BYTES, MAX_ITEM_BYTES } from '../../../../local/cosmos/limits.ts';
import { statusOf } from '../../../conformance/cosmos/status-of.ts';
import { startAccount, type TestAccount } from './account.ts';

describe('limits', () => {
  let account: TestAccount;
  let container: Container;

  beforeAll(async () => {
    account = await startAccount();
    container = await account.container();
  });
  afterAll(() => account.stop());

  it.each([
    [MAX_ID_BYTES - 1, 201],
    [MAX_ID_BYTES, 201],
    [MAX_ID_BYTES + 1, 400],
  ])('an id of %i bytes: %i', async (bytes, status) => {
    expect(await statusOf(container.items.create({ id: 'x'.repeat(bytes), pk: 'a' }))).toBe(status);
  });

  it('an id in other letters counts by bytes', async () => {
    expect(await statusOf(container.items.create({ id: 'ü'.repeat(512), pk: 'a' }))).toBe(400);
  });

  it.each([
    [0, 201],
    [1, 413],
  ])('an item of 2 MB and %i bytes: %i', async (more, status) => {
    const item = { id: `size${more}`, pk: 'a', text: '' };
    const text = 'x'.repeat(MAX_ITEM_BYTES - JSON.stringify(item).length + more);
    expect(await statusOf(container.items.create({ ...item, text }))).toBe(status);
  });

  it('an item that a patch would make too large: 413', async () => {
    await container.items.create({ id: 'growing', pk: 'a', text: 'x'.repeat(1_500_000) });
    const operations = [{ op: 'set' as const, path: '/more', value: 'x'.repeat(1_000_000) }];
    expect(await statusOf(container.item('growing', 'a').patch(operations))).toBe(413);
  });

  it('a batch over 2 MB: 413', async () => {
    const operations = ['1', '2'].map((id) => ({
      operationType: BulkOperationType.Create,
      resourceBody: { id, pk: 'large', text: 'x'.repeat(1_100_000) },
    }));
    await expect(container.items.batch(operations, 'large')).rejects.toMatchObject({ cause: { code: 413 } });
  });

  it('a partition key over 2 KB: 400', async () => {
    expect(await statusOf(container.items.create({ id: '1', pk: 'x'.repeat(2000) }))).toBe(201);
    expect(await statusOf(container.items.create({ id: '1', pk: 'x'.repeat(2048) }))).toBe(400);
  });

  it('an item in another partition than named: 400, substatus 1001', async () => {
    const operations = [{ operationType: BulkOperationType.Create, resourceBody: { id: '1', pk: 'other' } }];
    const { result } = await container.items.batch(operations, 'named');
    expect(result?.[0]).toMatchObject({ statusCode: 400, subStatusCode: 1001 });
  });

  it('a container whose key or unique keys would change: 400', async () => {
    const { resource } = await container.read();
    const definition = resource!;
    expect(await statusOf(container.replace({ ...definition, partitionKey: { paths: ['/other'] } }))).toBe(400);
    const uniqueKeyPolicy = { uniqueKeys: [{ paths: ['/email'] }] };
    expect(await statusOf(container.replace({ ...definition, uniqueKeyPolicy }))).toBe(400);
  });
});
