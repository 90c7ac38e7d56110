import { commonHeaders } from './answer.ts';
import type { Call } from './call.ts';

/** Sends the head of an event stream. */
export function openStream({ response, startedAt, entry }: Call): void {
  entry.status = 200;
  response.writeHead(200, {
    ...commonHeaders({ startedAt, requestId: entry.requestId }),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
  });
  response.flushHeaders();
}
