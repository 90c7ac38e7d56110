import type { TokenCredential } from '@azure/identity';
import type { BlobServiceClient } from '@azure/storage-blob';
import type { QueueServiceClient } from '@azure/storage-queue';
import { StartError } from '../core/start-error.ts';

/** The setting that holds the host's own storage, and the default of every storage binding. */
export const HOST_STORAGE = 'AzureWebJobsStorage';

/** Clients of the storage accounts that bindings name, one for each connection. */
export interface StorageConnections {
  blobs(connection: string | undefined): Promise<BlobServiceClient>;
  queues(connection: string | undefined): Promise<QueueServiceClient>;
}

type Environment = Readonly<Record<string, string | undefined>>;
type Service = 'blob' | 'queue';

/** A connection string, or an address with an identity that opens it. */
type Source = { connectionString: string } | { url: string; credential: TokenCredential };

/**
 * Reads connections the way the real host does: a setting `X` (or `AzureWebJobsX`) with a connection string, or
 * `X__blobServiceUri`, `X__queueServiceUri`, `X__serviceUri` or `X__accountName`, opened with an identity.
 */
export function createStorageConnections(environment: Environment): StorageConnections {
  const blobs = new Map<string, Promise<BlobServiceClient>>();
  const queues = new Map<string, Promise<QueueServiceClient>>();
  return {
    blobs: (connection) =>
      once(blobs, settingName(connection, environment), async (name) => {
        const source = await openSource(name, 'blob', environment);
        // The SDKs take longer to load than the rest of the host: an app without storage does not wait for them.
        const sdk = await import('@azure/storage-blob');
        if ('connectionString' in source) return sdk.BlobServiceClient.fromConnectionString(source.connectionString);
        return new sdk.BlobServiceClient(source.url, source.credential);
      }),
    queues: (connection) =>
      once(queues, settingName(connection, environment), async (name) => {
        const source = await openSource(name, 'queue', environment);
        const sdk = await import('@azure/storage-queue');
        if ('connectionString' in source) return sdk.QueueServiceClient.fromConnectionString(source.connectionString);
        return new sdk.QueueServiceClient(source.url, source.credential);
      }),
  };
}

/** The name under which a connection's settings really are: as the binding says, or with the prefix `AzureWebJobs`. */
export function settingName(connection: string | undefined, environment: Environment): string {
  if (connection === undefined || connection === '') return HOST_STORAGE;
  const prefixed = connection.startsWith('AzureWebJobs') ? connection : `AzureWebJobs${connection}`;
  const isSet = (name: string): boolean =>
    Object.keys(environment).some((key) => key === name || key.startsWith(`${name}__`));
  // The real host looks for the prefixed one first.
  return isSet(prefixed) || !isSet(connection) ? prefixed : connection;
}

function once<T>(clients: Map<string, Promise<T>>, name: string, make: (name: string) => Promise<T>): Promise<T> {
  const known = clients.get(name);
  if (known) return known;
  const made = make(name);
  clients.set(name, made);
  return made;
}

async function openSource(name: string, service: Service, environment: Environment): Promise<Source> {
  const connectionString = environment[name];
  if (connectionString !== undefined && connectionString !== '') return { connectionString };
  const account = environment[`${name}__accountName`];
  const url =
    environment[`${name}__${service}ServiceUri`] ??
    environment[`${name}__serviceUri`] ??
    (account === undefined ? undefined : `https://${account}.${service}.core.windows.net`);
  if (url === undefined) {
    throw new StartError(
      `The storage connection '${name}' is not configured: set ${name} to a connection string, or ${name}__${service}ServiceUri.`,
    );
  }
  return { url, credential: await openIdentity(name, environment) };
}

async function openIdentity(name: string, environment: Environment): Promise<TokenCredential> {
  const { DefaultAzureCredential, ManagedIdentityCredential } = await import('@azure/identity');
  const clientId = environment[`${name}__clientId`];
  if (environment[`${name}__credential`]?.toLowerCase() === 'managedidentity') {
    return new ManagedIdentityCredential(clientId === undefined ? {} : { clientId });
  }
  return new DefaultAzureCredential(clientId === undefined ? {} : { managedIdentityClientId: clientId });
}
