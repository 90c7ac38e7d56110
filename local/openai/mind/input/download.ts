import { TurnError } from '../../turn.ts';

/** Largest body that is fetched for an input image or file. */
const MAX_DOWNLOAD_BYTES = 50 * 1024 * 1024;
/** How long a server may take. */
const DOWNLOAD_TIMEOUT_MS = 15_000;

/** Fetches what an `image_url` or `file_url` names. @throws TurnError 400 `invalid_value`, as Azure answers. */
export async function download(url: string, kind: 'image' | 'file', signal: AbortSignal): Promise<Uint8Array> {
  if (!/^https?:\/\//i.test(url)) throw refused('Failed to download file.');
  let response: Response;
  try {
    response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS)]) });
  } catch {
    // Why it failed (DNS, refusal, time-out) is the caller's network and not told, as at the service.
    signal.throwIfAborted();
    throw refused(`Failed to download ${kind} from the given URL.`);
  }
  if (!response.ok) {
    await response.body?.cancel();
    throw refused(`Error while downloading file. Upstream status code: ${response.status}.`);
  }
  return readLimited(response, kind);
}

async function readLimited(response: Response, kind: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    const bytes = bytesOf(chunk);
    size += bytes.byteLength;
    if (size > MAX_DOWNLOAD_BYTES) throw refused(`The ${kind} is larger than ${MAX_DOWNLOAD_BYTES} bytes.`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

function bytesOf(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  throw new TypeError('The body of a download must come as bytes.');
}

function refused(message: string): TurnError {
  return new TurnError(400, message, { code: 'invalid_value', param: 'url' });
}
