import { z } from 'zod';
import type { RegisteredFunction } from '../core/types.ts';
import { answerJson } from '../http/admin.ts';
import type { Door } from '../http/front-door.ts';
import { readBody } from '../http/request-parts.ts';
import { functionId, type BlobTrigger } from './blob-trigger.ts';
import type { BlobMessage } from './blob-receipts.ts';

const event = z.looseObject({ data: z.unknown() });
const events = z.union([z.array(event), event.transform((one) => [one])]);
const validation = z.object({ validationCode: z.string() });
const blobData = z.object({ url: z.url(), eTag: z.string(), blobType: z.string().default('BlockBlob') });

/**
 * Answers `/runtime/webhooks/blobs?functionName=Host.Functions.X`, where Event Grid reports blobs for functions with
 * `source: 'EventGrid'` (Microsoft.Azure.WebJobs.Extensions.Storage.Blobs, BlobsExtensionConfigProvider).
 */
export function createEventGridDoor(
  functions: () => readonly RegisteredFunction[],
  trigger: () => BlobTrigger | undefined,
): Door {
  return async (request, response, { url }) => {
    const kind = String(request.headers['aeg-event-type'] ?? '').toLowerCase();
    if (kind === 'unsubscribe') {
      answerJson(response, 202);
      return;
    }
    const parsed = events.safeParse(parseJson((await readBody(request)).toString()));
    if (!parsed.success) {
      answerJson(response, 400, { error: 'The body has to be one Event Grid event or a list of them.' });
      return;
    }
    if (kind === 'subscriptionvalidation') {
      const { validationCode } = validation.parse(unwrapped(parsed.data[0]?.data));
      answerJson(response, 200, { validationResponse: validationCode });
      return;
    }
    if (kind !== 'notification') {
      answerJson(response, 400, { error: 'The header aeg-event-type has to be Notification.' });
      return;
    }
    const target = url.searchParams.get('functionName') ?? '';
    const known = functions().some(
      (fn) => functionId(fn.name) === target && fn.trigger.type.toLowerCase() === 'blobtrigger',
    );
    if (!known) {
      answerJson(response, 404, {
        error: `There is no blob function '${target}': functionName has to be Host.Functions.<name>.`,
      });
      return;
    }
    for (const { data } of parsed.data) await trigger()?.enqueue(toMessage(target, data));
    answerJson(response, 202);
  };
}

function toMessage(target: string, data: unknown): BlobMessage {
  const { url, eTag, blobType } = blobData.parse(data);
  const { container, blob } = splitBlobUrl(new URL(url));
  return {
    Type: 'BlobTrigger',
    FunctionId: target,
    BlobType: blobType,
    ContainerName: container,
    BlobName: blob,
    ETag: `"${eTag}"`,
  };
}

/** Finds container and name. On an emulator (an IP address or localhost) the account is the first part of the path. */
export function splitBlobUrl(url: URL): { container: string; blob: string } {
  const parts = url.pathname.slice(1).split('/').map(decodeURIComponent);
  if (/^(\d+\.){3}\d+$|^\[|^localhost$/.test(url.hostname)) parts.shift();
  const [container = '', ...blob] = parts;
  return { container, blob: blob.join('/') };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** In a CloudEvents handshake the data is JSON within JSON. */
function unwrapped(data: unknown): unknown {
  return typeof data === 'string' ? parseJson(data) : data;
}
