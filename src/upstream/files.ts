import * as z from 'zod';
import { GatewayError } from '../errors.ts';
import type { ServiceClient } from './client.ts';

/** How long the service may take to receive and check a large file. */
const UPLOAD_LIMIT_MS = 200_000;

const serviceFile = z.looseObject({
  id: z.string(),
  created_at: z.number().nullish(),
  expires_at: z.number().nullish(),
});

export interface ServiceUpload {
  /** Read as it is sent: a blob of a file on disk never meets the memory. */
  content: Blob;
  filename: string;
  purpose: string;
  expiresAfter?: { anchor: string; seconds: number };
}

/** Uploads a file to the service and gives its id there. Not repeated by itself: a lost answer would leave a file nobody knows. */
export async function uploadToService(
  service: Pick<ServiceClient, 'json'>,
  upload: ServiceUpload,
): Promise<{ id: string; createdAt?: number; expiresAt?: number }> {
  const form = new FormData();
  form.set('purpose', upload.purpose);
  if (upload.expiresAfter !== undefined) {
    form.set('expires_after[anchor]', upload.expiresAfter.anchor);
    form.set('expires_after[seconds]', String(upload.expiresAfter.seconds));
  }
  form.set('file', upload.content, upload.filename);
  const { body } = await service.json(
    { method: 'post', path: '/files', operation: 'files.create', body: form, retries: 0 },
    { timeoutMs: UPLOAD_LIMIT_MS },
  );
  const parsed = serviceFile.safeParse(body);
  if (!parsed.success)
    throw new GatewayError('service_unintelligible', 'Azure OpenAI answered the upload without a file id.');
  const { id, created_at, expires_at } = parsed.data;
  return { id, createdAt: created_at ?? undefined, expiresAt: expires_at ?? undefined };
}

/** Deletes a file at the service; one that is not there is as good as deleted. */
export const deleteAtService = (service: Pick<ServiceClient, 'deleteQuietly'>, serviceFileId: string): Promise<void> =>
  service.deleteQuietly({
    method: 'delete',
    path: `/files/${encodeURIComponent(serviceFileId)}`,
    operation: 'files.delete',
    retries: 1,
  });
