import { app, type InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import { RUN_RESPONSE } from '../background/orchestrator.ts';
import { durableClient, orchestrationsOf } from '../background/starter.ts';
import { registerBlobReferences, type BlobReference } from '../documents/blob-reference.ts';
import { DOCUMENT_STATES, type DocumentState } from '../documents/entry.ts';
import { ADVANCE_DOCUMENT, ANALYSE_DOCUMENT, analyseDocument } from '../documents/orchestrator.ts';
import { POISON_QUEUE } from '../documents/poison.ts';
import { GatewayError } from '../errors.ts';
import { ok } from '../http/answer.ts';
import { listOf, readPage } from '../http/paging.ts';
import { route } from '../http/route.ts';
import type { Services } from '../services.ts';

const CONNECTION = 'DataStorage';

export function register(services: Services): void {
  registerIntake(services);
  registerDoors(services);
}

function registerIntake({ documents }: Services): void {
  registerBlobReferences();
  df.app.orchestration(ANALYSE_DOCUMENT, analyseDocument);
  df.app.activity(ADVANCE_DOCUMENT, {
    extraInputs: [durableClient],
    handler: (key: string, context) => documents.drive(key, orchestrationsOf(context, RUN_RESPONSE)),
  });

  // One handler, two ways to hear of a blob: Event Grid never calls a laptop, and scanning is not offered on Flex Consumption.
  app.storageBlob<BlobReference>('documentDropped', {
    path: 'pdfs/{name}',
    connection: CONNECTION,
    source: documents.scan ? 'LogsAndContainerScan' : 'EventGrid',
    // The reference only: otherwise the host would hand the whole file to this process, more than once.
    sdkBinding: true,
    extraInputs: [durableClient],
    handler: async ({ name }, context) => {
      await documents.takeIn(name, analyses(context));
    },
  });

  app.storageQueue('documentPoisoned', {
    queueName: POISON_QUEUE,
    connection: CONNECTION,
    handler: (message) => documents.takePoisoned(message),
  });
}

function registerDoors({ http, documents }: Services): void {
  route(http, 'listDocuments', ['GET'], 'documents', async ({ owner, url }) => {
    const { limit, after } = readPage(url);
    const path = url.searchParams.get('path') ?? undefined;
    const { data, hasMore } = await documents.list(owner, { path, state: readState(url), after, limit });
    return ok(listOf(data, hasMore));
  });

  route(http, 'getDocument', ['GET'], 'documents/{id}', async ({ owner, params }) =>
    ok(await documents.get(owner, params.id ?? '')),
  );

  route(
    http,
    'replayDocument',
    ['POST'],
    'documents/{id}/replay',
    async ({ owner, params, context }) => ok(await documents.replay(owner, params.id ?? '', analyses(context))),
    { extraInputs: [durableClient] },
  );

  route(http, 'cancelDocument', ['POST'], 'documents/{id}/cancel', async ({ owner, params }) =>
    ok(await documents.cancel(owner, params.id ?? '')),
  );
}

const analyses = (context: InvocationContext): ReturnType<typeof orchestrationsOf> =>
  orchestrationsOf(context, ANALYSE_DOCUMENT);

/** @throws `invalid_value` for a state that does not exist: an empty list would look like an answer. */
function readState(url: URL): DocumentState | undefined {
  const text = url.searchParams.get('state');
  if (text === null) return undefined;
  const state = DOCUMENT_STATES.find((known) => known === text);
  if (state !== undefined) return state;
  throw new GatewayError('invalid_value', `'state' must be one of ${DOCUMENT_STATES.join(', ')}.`, { param: 'state' });
}
