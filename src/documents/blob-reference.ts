import { ResourceFactoryResolver } from '@azure/functions-extensions-base';
import * as z from 'zod';

/** What a trigger with `sdkBinding: true` hands over instead of the content. */
export interface BlobReference {
  container: string;
  name: string;
}

/** The name under which the host's storage extension sends references (`BlobsExtensionConfigProvider`). */
const SOURCE = 'AzureStorageBlobs';

const content = z.looseObject({ ContainerName: z.string(), BlobName: z.string() });

/**
 * Teaches the Functions library to make a plain reference of what the host sends. Without a factory it fails; with the
 * one of Microsoft's extension package it would make a client of its own, outside our identity and settings.
 */
export function registerBlobReferences(): void {
  const resolver = ResourceFactoryResolver.getInstance();
  if (resolver.hasResourceFactory(SOURCE)) return;
  resolver.registerResourceFactory(SOURCE, (data) => {
    const first = Array.isArray(data) ? data[0] : data;
    return readBlobReference(first?.content);
  });
}

/** @throws {Error} for a payload that is none of the storage extension. */
export function readBlobReference(payload: Uint8Array | string | null | undefined): BlobReference {
  if (payload == null) throw new Error('The host sent a blob reference without content.');
  const text = typeof payload === 'string' ? payload : Buffer.from(payload).toString('utf8');
  const { ContainerName: container, BlobName: name } = content.parse(JSON.parse(text));
  return { container, name };
}
