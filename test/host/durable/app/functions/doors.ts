import { app, type HttpResponseInit } from '@azure/functions';
import * as df from 'durable-functions';

const client = df.input.durableClient();

app.http('start', {
  methods: ['POST'],
  route: 'start/{name}',
  extraInputs: [client],
  handler: async (request, context) => {
    const text = await request.text();
    const input: unknown = text === '' ? undefined : JSON.parse(text);
    const { id, version } = Object.fromEntries(request.query);
    const instanceId = await df
      .getClient(context)
      .startNew(request.params.name ?? '', { input, instanceId: id, version });
    return df.getClient(context).createCheckStatusResponse(request, instanceId);
  },
});

app.http('wait', {
  methods: ['POST'],
  route: 'wait/{name}',
  extraInputs: [client],
  handler: async (request, context) => {
    const durable = df.getClient(context);
    const instanceId = await durable.startNew(request.params.name ?? '', { input: await request.json() });
    const timeoutInMilliseconds = Number(request.query.get('ms'));
    const options = { timeoutInMilliseconds, retryIntervalInMilliseconds: 50 };
    return durable.waitForCompletionOrCreateCheckStatusResponse(request, instanceId, options);
  },
});

/** Each method of the SDK's client, to be called from outside. Errors come back as 502 with their message. */
const methods: Record<string, (durable: df.DurableClient, id: string, argument: string) => Promise<unknown>> = {
  getStatus: (durable, id) => durable.getStatus(id, { showInput: true }),
  getStatusAll: (durable) => durable.getStatusAll(),
  getFailed: (durable) => durable.getStatusBy({ runtimeStatus: [df.OrchestrationRuntimeStatus.Failed] }),
  raiseEvent: (durable, id, name) => durable.raiseEvent(id, name, { from: 'the client' }),
  terminate: (durable, id, reason) => durable.terminate(id, reason),
  suspend: (durable, id, reason) => durable.suspend(id, reason),
  resume: (durable, id, reason) => durable.resume(id, reason),
  rewind: (durable, id, reason) => durable.rewind(id, reason),
  purge: (durable, id) => durable.purgeInstanceHistory(id),
  purgeAll: (durable) =>
    durable.purgeInstanceHistoryBy({ createdTimeFrom: new Date(0), createdTimeTo: new Date(), runtimeStatus: [] }),
  readEntityState: (durable) => durable.readEntityState(new df.EntityId('counter', 'one')),
  signalEntity: (durable) => durable.signalEntity(new df.EntityId('counter', 'one'), 'add', 1),
  links: (durable, id) => Promise.resolve(durable.createHttpManagementPayload(id)),
};

app.http('client', {
  methods: ['POST'],
  route: 'client/{method}/{id?}',
  extraInputs: [client],
  handler: async (request, context): Promise<HttpResponseInit> => {
    const { method = '', id = '' } = request.params;
    const call = methods[method];
    if (!call) return { status: 404 };
    try {
      const result = await call(df.getClient(context), id, request.query.get('argument') ?? '');
      return { jsonBody: result ?? null };
    } catch (error) {
      return { status: 502, body: error instanceof Error ? error.message : String(error) };
    }
  },
});

app.http('ping', { route: 'ping', handler: () => ({ body: 'pong' }) });
