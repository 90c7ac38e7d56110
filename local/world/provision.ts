import { CosmosClient } from '@azure/cosmos';
import { BlobServiceClient } from '@azure/storage-blob';

export const COSMOS_DATABASE = 'gateway';
/** Not indexed, as in `infra`: a query that needs one of these must fail here too. */
const excluding = (...paths: string[]): { path: string }[] => [...paths, '/"_etag"/?'].map((path) => ({ path }));
const COSMOS_CONTAINERS = [
  {
    id: 'chains',
    partitionKey: '/chainId',
    excludedPaths: excluding('/request/*', '/input/*', '/envelope/*', '/output/*', '/preview/?'),
  },
  { id: 'directory', partitionKey: '/owner', excludedPaths: excluding('/title/?') },
];
const BLOB_CONTAINERS = ['pdfs', 'analyses', 'images', 'files', 'payloads', 'events'];
/** TTL is on, and nothing expires unless its document says so. */
const NO_DEFAULT_TTL = -1;

/** Makes what `infra` makes in Azure: database and containers. What is there already stays as it is. */
export async function provisionCosmos(endpoint: string, key: string): Promise<void> {
  const client = new CosmosClient({ endpoint, key });
  try {
    const { database } = await client.databases.createIfNotExists({ id: COSMOS_DATABASE });
    await Promise.all(
      COSMOS_CONTAINERS.map(({ id, partitionKey, excludedPaths }) =>
        database.containers.createIfNotExists({
          id,
          partitionKey: { paths: [partitionKey] },
          defaultTtl: NO_DEFAULT_TTL,
          indexingPolicy: { includedPaths: [{ path: '/*' }], excludedPaths },
        }),
      ),
    );
  } finally {
    client.dispose();
  }
}

/** Makes the blob containers of the data account. */
export async function provisionBlobs(connectionString: string): Promise<void> {
  const service = BlobServiceClient.fromConnectionString(connectionString);
  await Promise.all(BLOB_CONTAINERS.map((name) => service.getContainerClient(name).createIfNotExists()));
}
