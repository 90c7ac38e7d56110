import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { POISON_QUEUE } from '../../src/documents/poison.ts';
import { BLOB_CONTAINERS } from '../../src/platform/blobs.ts';
import { literal, property, type Block } from './bicep.ts';
import { appSettingsOf, deploymentWith, fileAt, mainFile, parametersOf } from './template.ts';

const database = fileAt('infra/modules/cosmos-database.bicep');
const account = fileAt('infra/modules/cosmos-account.bicep');

const sourceLines = readdirSync('src', { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .flatMap((entry) => readFileSync(`${entry.parentPath}/${entry.name}`, 'utf8').split('\n'));

const environment = { AUTH_AUDIENCE: 'api://gateway' };

interface StoreContainer {
  id: string | undefined;
  partitionKey: string[];
  ttl: string | undefined;
  excluded: string[];
}

const containers = database.resources
  .filter(({ target }) => target.includes('/containers@'))
  .map((block): StoreContainer => {
    const resource = property(property(block.body, 'properties'), 'resource');
    const paths = property(property(resource, 'partitionKey'), 'paths')?.namedChildren ?? [];
    const excluded = property(property(resource, 'indexingPolicy'), 'excludedPaths')?.namedChildren ?? [];
    return {
      id: text(resource, 'id'),
      partitionKey: paths.map((path) => literal(path) ?? ''),
      ttl: property(resource, 'defaultTtl')?.text,
      excluded: excluded.map((entry) => text(entry, 'path') ?? ''),
    };
  });

function text(object: Parameters<typeof property>[0], name: string): string | undefined {
  const node = property(object, name);
  return node === undefined ? undefined : literal(node);
}

describe('Cosmos DB', () => {
  it('has the containers that the code opens, with the partition keys it relies on', () => {
    const opened = [...readFileSync('src/platform/cosmos.ts', 'utf8').matchAll(/\.container\('(\w+)'\)/g)];
    expect(containers.map(({ id }) => id)).toEqual(opened.map((match) => match[1]));
    expect(Object.fromEntries(containers.map(({ id, partitionKey }) => [id, partitionKey]))).toEqual({
      chains: ['/chainId'],
      directory: ['/owner'],
    });
  });

  it('lets documents end when they say so, and never by default', () => {
    expect(containers.map(({ ttl }) => ttl)).toEqual(['-1', '-1']);
  });

  it('has the database that the app is told to use', () => {
    const deployment = deploymentWith(environment);
    expect(appSettingsOf(deployment)).toMatchObject({
      COSMOS_DATABASE: parametersOf(deployment, 'cosmosDatabase').databaseName,
    });
  });

  it('indexes every property that a query of the code asks for', () => {
    const excluded = containers.flatMap((container) => container.excluded).map((path) => path.split('/')[1]);
    const asked = sourceLines
      .map((line) => /\b(WHERE|AND|ORDER BY)\b(.*)$/.exec(line)?.[2] ?? '')
      .flatMap((condition) => [...condition.matchAll(/\bc\.(\w+)/g)].map((match) => match[1]));
    expect(asked).toContain('owner');
    expect(asked.filter((name) => excluded.includes(name))).toEqual([]);
  });

  it('can sort as the code asks it to: by one property, which needs no composite index', () => {
    const orders = sourceLines
      .flatMap((line) => /ORDER BY (.*)$/.exec(line)?.[1] ?? [])
      .map((order) => [...order.matchAll(/\bc\.(\w+)/g)].map((match) => match[1]));
    expect(orders.length).toBeGreaterThan(0);
    expect(orders.filter((properties) => properties.length > 1)).toEqual([]);
  });

  it('is of one region, Strong, serverless, and opened by no key', () => {
    const [block] = account.resources;
    const resource = property(block?.body, 'properties');
    expect(text(property(resource, 'consistencyPolicy'), 'defaultConsistencyLevel')).toBe('Strong');
    expect(property(resource, 'locations')?.namedChildren).toHaveLength(1);
    expect(property(resource, 'capabilities')?.text).toContain('EnableServerless');
    expect(property(resource, 'disableLocalAuth')?.text).toBe('true');
  });
});

describe('Blob Storage', () => {
  it('has the containers that the code uses', () => {
    expect(parametersOf(deploymentWith(environment), 'dataStorage').containers).toEqual([...BLOB_CONTAINERS]);
  });

  it('has the queue that the app listens to, before there is a message', () => {
    expect(parametersOf(deploymentWith(environment), 'dataStorage').queues).toEqual([POISON_QUEUE]);
  });

  it('keeps the package of the app and what Event Grid gives up apart from the data', () => {
    const deployment = deploymentWith(environment);
    const host = parametersOf(deployment, 'hostStorage');
    expect(host.containers).toEqual(['app-package', 'dead-letters']);
    expect(parametersOf(deployment, 'app').packageContainer).toBe('app-package');
    expect(parametersOf(deployment, 'eventGrid').deadLetterContainer).toBe('dead-letters');
    expect(host.name).not.toBe(parametersOf(deployment, 'dataStorage').name);
  });

  it('has names that Azure takes', () => {
    const names = mainFile.modules.flatMap((module: Block) => text(property(module.body, 'params'), 'name') ?? []);
    expect(names.filter((name) => name.length > 60)).toEqual([]);
    // uniqueString gives 13 characters; an account may have 24.
    expect('sthost'.length + 13).toBeLessThanOrEqual(24);
  });

  it('closes with the network, as everything behind the gateway does', () => {
    const closed = deploymentWith({ ...environment, PRIVATE_NETWORK: 'true' });
    for (const module of ['hostStorage', 'dataStorage', 'cosmosAccount', 'openAiAccount']) {
      expect(parametersOf(closed, module).publicAccess, module).toBe(false);
      expect(parametersOf(deploymentWith(environment), module).publicAccess, module).toBe(true);
    }
    expect(parametersOf(closed, 'app').subnetId).toBe('<network.outputs.appSubnetId>');
  });
});
