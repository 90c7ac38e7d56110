import { setTimeout as delay } from 'node:timers/promises';
import { app } from '@azure/functions';

const TICKS = 5;
const TICK_MS = 200;

/** Functions that only make sense with HTTP streaming on. */
export function register(): void {
  app.http('ticks', {
    authLevel: 'anonymous',
    handler: () => ({ headers: { 'content-type': 'text/event-stream' }, body: ticks() }),
  });
  app.http('count', {
    methods: ['POST'],
    authLevel: 'anonymous',
    handler: async (request) => {
      let bytes = 0;
      for await (const chunk of request.body ?? []) if (chunk instanceof Uint8Array) bytes += chunk.length;
      return { jsonBody: { bytes } };
    },
  });
}

async function* ticks(): AsyncGenerator<Uint8Array> {
  for (let tick = 0; tick < TICKS; tick += 1) {
    yield Buffer.from(`data: ${tick}\n\n`);
    await delay(TICK_MS);
  }
}
