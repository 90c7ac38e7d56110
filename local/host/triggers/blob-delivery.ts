import type { BlobClient, BlobGetPropertiesResponse } from '@azure/storage-blob';
import type { BindingData, InvocationRequest, RegisteredFunction, TypedData } from '../core/types.ts';
import { HOST_STORAGE } from './storage-connections.ts';

/** What the real extension calls itself towards the app's resource factories. */
const SOURCE = 'AzureStorageBlobs';

/** One version of one blob, found and checked. */
export interface FoundBlob {
  client: BlobClient;
  properties: BlobGetPropertiesResponse;
  /** What the trigger's path took out of the name. */
  params: Readonly<Record<string, string>>;
}

/**
 * Builds the invocation for a blob. With `sdkBinding: true` the app gets a reference and makes its own client; otherwise
 * the whole content is read into memory, as the real host does.
 */
export async function blobInvocation(
  fn: RegisteredFunction,
  { client, properties, params }: FoundBlob,
): Promise<{ request: InvocationRequest; bindingData: BindingData }> {
  const path = `${client.containerName}/${client.name}`;
  const triggerMetadata: Record<string, TypedData> = {
    BlobTrigger: { string: path },
    Uri: { json: JSON.stringify(client.url) },
    Properties: { json: JSON.stringify(describeProperties(properties)) },
    Metadata: { json: JSON.stringify(properties.metadata ?? {}) },
  };
  for (const [name, value] of Object.entries(params)) triggerMetadata[name] = { string: value };
  const data = isDeferred(fn) ? reference(fn, client) : await content(fn, client);
  return {
    request: { inputs: { [fn.trigger.name]: data }, triggerMetadata },
    bindingData: { ...params, blobTrigger: path, uri: client.url },
  };
}

/** Whether the function was registered with `sdkBinding: true`. */
function isDeferred(fn: RegisteredFunction): boolean {
  return fn.trigger.sdkBinding === true;
}

function reference(fn: RegisteredFunction, client: BlobClient): TypedData {
  const connection = typeof fn.trigger.connection === 'string' ? fn.trigger.connection : '';
  const target = {
    Connection: connection === '' ? HOST_STORAGE : connection,
    ContainerName: client.containerName,
    BlobName: client.name,
  };
  return {
    modelBindingData: {
      version: '1.0',
      source: SOURCE,
      contentType: 'application/json',
      content: Buffer.from(JSON.stringify(target)),
    },
  };
}

async function content(fn: RegisteredFunction, client: BlobClient): Promise<TypedData> {
  const bytes = await client.downloadToBuffer();
  const wantsText = String(fn.trigger.dataType).toLowerCase() === 'string';
  return wantsText ? { string: bytes.toString('utf8') } : { bytes };
}

/** The names that .NET gives the properties. */
function describeProperties(properties: BlobGetPropertiesResponse): object {
  return {
    LastModified: properties.lastModified,
    CreatedOn: properties.createdOn,
    Metadata: properties.metadata ?? {},
    BlobType: 'Block',
    ContentLength: properties.contentLength,
    ContentType: properties.contentType,
    ContentEncoding: properties.contentEncoding ?? null,
    ContentLanguage: properties.contentLanguage ?? null,
    ContentHash: properties.contentMD5 ? Buffer.from(properties.contentMD5).toString('base64') : null,
    ETag: properties.etag,
    AccessTier: properties.accessTier ?? null,
  };
}
