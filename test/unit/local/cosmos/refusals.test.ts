import { SpatialType, type Container, type ContainerRequest } from '@azure/cosmos';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  refuseDefinition,
  refuseHeaders,
  refusedFunction,
  refusedResource,
} from '../../../../local/cosmos/refusals.ts';
import { startAccount, type TestAccount } from './account.ts';

describe('what only Azure does', () => {
  let account: TestAccount;
  let container: Container;

  beforeAll(async () => {
    account = await startAccount();
    container = await account.container();
  });
  afterAll(() => account.stop());

  const refused = (operation: Promise<unknown>, name: RegExp) =>
    expect(operation).rejects.toMatchObject({ code: 501, message: expect.stringMatching(name) as string });

  it('is refused by name: resources', async () => {
    await refused(account.client.database('test').users.create({ id: 'u' }), /Users and permissions/);
    await refused(container.conflicts.readAll().fetchAll(), /conflict feed/);
    await refused(container.scripts.storedProcedures.readAll().fetchAll(), /Stored procedures/);
    await refused(container.scripts.trigger('t').read(), /Triggers/);
  });

  it('is refused by name: options of an operation', async () => {
    const item = { id: '1', pk: 'a' };
    await refused(container.items.create(item, { preTriggerInclude: 'check' }), /Triggers/);
    await refused(container.items.create(item, { indexingDirective: 'exclude' }), /indexing directive/);
  });

  it('is refused by name: parts of a definition', async () => {
    const computedProperties = [{ name: 'lower', query: 'SELECT VALUE LOWER(c.name) FROM c' }];
    const definition = { partitionKey: { paths: ['/pk'] }, computedProperties };
    await refused(account.container(definition), /Computed properties/);
  });

  it.each<[RegExp, ContainerRequest]>([
    [/Spatial indexes/, { indexingPolicy: { spatialIndexes: [{ path: '/place/*', types: [SpatialType.Point] }] } }],
    [/not automatic/, { indexingPolicy: { automatic: false } }],
    [/Lazy indexing/, { indexingPolicy: { indexingMode: 'lazy' } }],
    [/Conflict resolution/, { conflictResolutionPolicy: { mode: 'Custom' } }],
    [/Conflict resolution/, { conflictResolutionPolicy: { conflictResolutionPath: '/version' } }],
  ])('is refused by name: %s in a definition', async (name, part) => {
    await refused(account.container({ partitionKey: { paths: ['/pk'] }, ...part }), name);
  });

  it('is refused by name: functions', async () => {
    const ask = (call: string) => container.items.query(`SELECT VALUE ${call} FROM c`).fetchAll();
    await refused(ask("FullTextContains(c.text, 'x')"), /FULLTEXTCONTAINS/);
    await refused(ask('ST_DISTANCE(c.a, c.b)'), /ST_DISTANCE/);
  });

  it.each<[string, ContainerRequest]>([
    ['a policy whose path has no end', { indexingPolicy: { excludedPaths: [{ path: '/text' }] } }],
    ['a policy whose path is none', { indexingPolicy: { includedPaths: [{ path: 'text/?' }] } }],
    ['a throughput that is no number', { throughput: Infinity }],
  ])('%s is wrong, as in Azure', async (_what, part) => {
    const wrong = account.container({ partitionKey: { paths: ['/pk'] }, ...part });
    await expect(wrong).rejects.toMatchObject({ code: 400 });
  });

  it('leaves everything else alone', () => {
    expect(refusedResource('docs')).toBeUndefined();
    expect(refusedFunction('LOWER')).toBeUndefined();
    expect(() => refuseHeaders({ 'x-ms-date': 'today' })).not.toThrow();
    expect(() => refuseDefinition({ id: 'c', changeFeedPolicy: null })).not.toThrow();
  });
});
