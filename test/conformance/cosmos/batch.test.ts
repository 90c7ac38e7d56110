import { BulkOperationType, type Container, type OperationInput, type ReadOperationInput } from '@azure/cosmos';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openAccount, type Account } from './account.ts';
import { statusOf } from './status-of.ts';

describe('transactional batch', () => {
  let account: Account;
  let container: Container;

  beforeAll(async () => {
    account = await openAccount();
    container = await account.container('batches');
  });
  beforeEach(async () => {
    await container.items.upsert({ id: 'there', pk: 'a', v: 1 });
  });
  afterAll(() => account.close());

  async function run(...operations: OperationInput[]) {
    const { code, result } = await container.items.batch(operations, 'a');
    return { code, statuses: result?.map(({ statusCode }) => statusCode) };
  }

  it('creates, upserts, reads and deletes', async () => {
    await container.items.upsert({ id: 'leaving', pk: 'a' });
    const { statuses } = await run(
      { operationType: BulkOperationType.Create, resourceBody: { id: 'new', pk: 'a' } },
      { operationType: BulkOperationType.Upsert, resourceBody: { id: 'there', pk: 'a', v: 2 } },
      { operationType: BulkOperationType.Read, id: 'there' },
      { operationType: BulkOperationType.Delete, id: 'leaving' },
    );
    expect(statuses).toEqual([201, 200, 200, 204]);
  });

  const failing: OperationInput[] = [
    { operationType: BulkOperationType.Create, resourceBody: { id: 'rolled-back', pk: 'a' } },
    { operationType: BulkOperationType.Create, resourceBody: { id: 'there', pk: 'a' } },
  ];

  it('keeps nothing of a batch of which one operation fails', async () => {
    expect((await run(...failing)).statuses).toEqual([424, 409]);
    expect(await statusOf(container.item('rolled-back', 'a').read())).toBe(404);
  });

  it('answers a failed batch with 207', async () => {
    expect((await run(...failing)).code).toBe(207);
  });

  it('patches', async () => {
    const { statuses } = await run({
      operationType: BulkOperationType.Patch,
      id: 'there',
      resourceBody: { operations: [{ op: 'incr', path: '/v', value: 1 }] },
    });
    expect(statuses).toEqual([200]);
  });

  it('checks If-Match of an operation: 412', async () => {
    const { statuses } = await run({
      operationType: BulkOperationType.Replace,
      id: 'there',
      ifMatch: '"stale"',
      resourceBody: { id: 'there', pk: 'a' },
    });
    expect(statuses).toEqual([412]);
  });

  it('checks If-None-Match of a read: 304', async () => {
    const { etag } = await container.item('there', 'a').read();
    // The service knows it, the client's types do not.
    const read: ReadOperationInput & { ifNoneMatch: string } = {
      operationType: BulkOperationType.Read,
      id: 'there',
      ifNoneMatch: etag,
    };
    const { statuses } = await run(read);
    expect(statuses).toEqual([304]);
  });
});

describe('bulk', () => {
  let account: Account;
  let container: Container;

  beforeAll(async () => {
    account = await openAccount();
    container = await account.container('bulks');
  });
  afterAll(() => account.close());

  it('creates 300 items over 5 partitions', async () => {
    const operations = Array.from({ length: 300 }, (_, i) => ({
      operationType: BulkOperationType.Create,
      partitionKey: `p${i % 5}`,
      resourceBody: { id: `i${i}`, pk: `p${i % 5}` },
    }));
    const results = await container.items.executeBulkOperations(operations);
    expect(results.filter(({ response }) => response?.statusCode !== 201)).toEqual([]);
  });

  it('serves the older bulk call', async () => {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- applications still use it
    const results = await container.items.bulk([
      { operationType: 'Create', partitionKey: 'p0', resourceBody: { id: 'x', pk: 'p0' } },
      { operationType: 'Upsert', partitionKey: 'p1', resourceBody: { id: 'y', pk: 'p1' } },
    ]);
    expect(results.map(({ statusCode }) => statusCode)).toEqual([201, 201]);
  });
});
