import type { Call } from './call.ts';

/** Sends the head of an event stream. */
export function openStream({ response, headersOut, entry }: Call): void {
  entry.status = 200;
  response.writeHead(200, {
    ...headersOut,
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
  });
  response.flushHeaders();
}
