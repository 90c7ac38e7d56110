import { PartitionKeyDefinitionVersion, PartitionKeyKind, type ContainerRequest } from '@azure/cosmos';

/**
 * Every container that the checks use. With a key the suite makes them; with a token it cannot (no role of the data
 * plane may), and they must exist in the database `conformance`, made from this table.
 */
export const CONTAINERS = {
  items: { partitionKey: { paths: ['/pk'] } },
  'nested-key': { partitionKey: { paths: ['/a/b'] } },
  tags: { partitionKey: { paths: ['/pk'] } },
  patches: { partitionKey: { paths: ['/pk'] } },
  batches: { partitionKey: { paths: ['/pk'] } },
  bulks: { partitionKey: { paths: ['/pk'] } },
  filters: { partitionKey: { paths: ['/pk'] } },
  results: { partitionKey: { paths: ['/pk'] } },
  pages: { partitionKey: { paths: ['/pk'] } },
  growing: { partitionKey: { paths: ['/pk'] } },
  composite: {
    partitionKey: { paths: ['/pk'] },
    indexingPolicy: {
      compositeIndexes: [
        [
          { path: '/a', order: 'ascending' },
          { path: '/b', order: 'descending' },
        ],
      ],
    },
  },
  scripts: { partitionKey: { paths: ['/pk'] } },
  hierarchical: {
    partitionKey: {
      paths: ['/t', '/u'],
      version: PartitionKeyDefinitionVersion.V2,
      kind: PartitionKeyKind.MultiHash,
    },
  },
  'cleared-partition': { partitionKey: { paths: ['/pk'] } },
  unique: { partitionKey: { paths: ['/pk'] }, uniqueKeyPolicy: { uniqueKeys: [{ paths: ['/email'] }] } },
  'unique-pair': { partitionKey: { paths: ['/pk'] }, uniqueKeyPolicy: { uniqueKeys: [{ paths: ['/a', '/b'] }] } },
  expiring: { partitionKey: { paths: ['/pk'] }, defaultTtl: 1 },
  'expiring-items': { partitionKey: { paths: ['/pk'] }, defaultTtl: -1 },
  changes: { partitionKey: { paths: ['/pk'] } },
  'changes-of-one': { partitionKey: { paths: ['/pk'] } },
  misc: { partitionKey: { paths: ['/pk'] } },
} as const satisfies Record<string, ContainerRequest>;

export type ContainerName = keyof typeof CONTAINERS;
