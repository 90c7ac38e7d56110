import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newFolder, openDropBox } from '../../support/documents.ts';
import { linesOf, type Line } from '../../support/log-lines.ts';
import { alter, fire, planStore, recordOf } from '../../support/records.ts';
import { startReceiver, type Receiver } from '../../support/receiver.ts';
import { steer, type Steering } from '../../support/simulator.ts';
import { newCaller, startWorld, type World } from '../../support/world.ts';

const PATIENCE = { timeout: 60_000, interval: 100 };
const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/;

let receiver: Receiver;
let world: World;
beforeAll(async () => {
  receiver = await startReceiver();
  world = await startWorld({ environment: { WEBHOOK_URL: receiver.address, WEBHOOK_SECRETS: receiver.secret } });
});
afterAll(async () => {
  await world.stop();
  await receiver.stop();
});

/** A request of its own, with what ties everything to it. */
interface Asked {
  azure: Steering;
  requestId: string;
  traceparent: string;
  create(body: Record<string, unknown>): Promise<string>;
}

const newTraceparent = (): string => `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;

function newRequest(headers: Record<string, string> = {}): Asked {
  const azure = steer(world.endpoints);
  const requestId = `ask-${randomUUID()}`;
  const traceparent = newTraceparent();
  return {
    azure,
    requestId,
    traceparent,
    create: async (body) => {
      const answer = await fetch(`${world.endpoints.gateway}/openai/v1/responses`, {
        method: 'POST',
        headers: {
          'api-key': newCaller(world.endpoints).key,
          'content-type': 'application/json',
          'x-request-id': requestId,
          traceparent,
          ...headers,
        },
        body: JSON.stringify({ model: 'gpt-4.1', input: `Say ${azure.marker}`, ...body }),
      });
      return /resp_[0-9a-f]{48}/.exec(await answer.text())?.[0] ?? '';
    },
  };
}

const linesAbout = (id: string): Line[] => linesOf(world).filter(({ fields }) => fields.responseId === id);
const fieldsOf = (lines: readonly Line[], event: string): Line['fields'][] =>
  lines.filter((line) => line.event === event).map(({ fields }) => fields);

/** The response of a request whose answer is still on the way. */
const acceptedOf = ({ requestId }: Asked): string | undefined =>
  linesOf(world).find(({ event, fields }) => event === 'accepted' && fields.requestId === requestId)?.fields.responseId;

/** Waits until the last line about a response is written, and gives all of them. */
async function wholeStory(id: string, last: string): Promise<Line[]> {
  await expect.poll(() => linesAbout(id).map(({ event }) => event), PATIENCE).toContain(last);
  return linesAbout(id);
}

/** Every request to the service and every line carries the one trace, and every line the one request id. */
async function expectOneTrace({ azure, requestId, traceparent }: Asked, lines: readonly Line[]): Promise<void> {
  const requests = await azure.requests();
  expect(requests.map(({ headers }) => headers.traceparent)).toEqual(requests.map(() => traceparent));
  expect(lines.map(({ fields }) => [fields.requestId, fields.traceparent])).toEqual(
    lines.map(() => [requestId, traceparent]),
  );
  // What the lines call the service's answers is what the service calls them.
  const known = new Set(requests.map((request) => request.requestId));
  const named = lines.flatMap(({ fields }) => fields.serviceRequestId ?? []);
  expect(named.filter((id) => !known.has(id))).toEqual([]);
}

describe('one trace, from the caller’s request to the service’s and back:', () => {
  it.each([
    ['plain', {}],
    ['not stored', { store: false }],
    ['streamed', { stream: true }],
    ['streamed, not stored', { stream: true, store: false }],
  ])('%s', async (_how, body) => {
    const asked = newRequest();
    const id = await asked.create(body);
    const lines = await wholeStory(id, 'finished');
    await expectOneTrace(asked, lines);
    const [create] = await asked.azure.requests();
    expect(fieldsOf(lines, 'finished')).toMatchObject([
      { status: 'completed', background: 'false', serviceRequestId: create?.requestId },
    ]);
  });

  it.each([
    ['in the background', false],
    ['in the background and streamed', true],
  ])('%s', async (_how, stream) => {
    const asked = newRequest();
    await asked.azure.plan('create', { kind: 'pace', runningMs: 300 });
    const id = await asked.create({ background: true, stream });
    const lines = await wholeStory(id, 'webhook-delivered');
    await expectOneTrace(asked, lines);
    const requests = await asked.azure.requests();
    const [accepted] = fieldsOf(lines, 'accepted');
    expect(accepted?.serviceRequestId).toBe(requests.find(({ operation }) => operation === 'create')?.requestId);
    expect(fieldsOf(lines, 'finished')).toMatchObject([{ status: 'completed', background: 'true' }]);
    const looks = requests.filter(({ operation }) => operation === 'retrieve').map(({ requestId }) => requestId);
    expect(fieldsOf(lines, 'polled').map(({ serviceRequestId }) => serviceRequestId)).toEqual(looks);
    expect(receiver.about(id)[0]?.headers.traceparent).toBe(asked.traceparent);
  });

  it('over the death of the host, also of one that streamed', async () => {
    const [polled, pumped] = [newRequest(), newRequest()];
    await polled.azure.plan('create', { kind: 'pace', runningMs: 3_000 });
    await pumped.azure.plan('create', { kind: 'slow', betweenMs: 300 });
    const id = await polled.create({ background: true });
    const live = pumped.create({ background: true, stream: true }).catch(() => undefined);
    await expect.poll(() => fieldsOf(linesAbout(id), 'polled').length, PATIENCE).toBeGreaterThan(0);
    await expect.poll(() => acceptedOf(pumped), PATIENCE).toBeDefined();
    await world.killHost();
    await live;
    await expectOneTrace(polled, await wholeStory(id, 'webhook-delivered'));
    const lines = await wholeStory(acceptedOf(pumped) ?? '', 'webhook-delivered');
    await expectOneTrace(pumped, lines);
    expect(fieldsOf(lines, 'pump-taken-over')).not.toEqual([]);
  }, 90_000);

  it.each([
    ['sends none', ''],
    ['sends something else', 'my-own-trace'],
    ['sends a trace of nothing but zeros', `00-${'0'.repeat(32)}-${'0'.repeat(16)}-01`],
  ])('a new one where the caller %s', async (_what, traceparent) => {
    const asked = newRequest({ traceparent });
    const lines = await wholeStory(await asked.create({ background: true }), 'webhook-delivered');
    const made = lines[0]?.fields.traceparent ?? '';
    expect(made).toMatch(TRACEPARENT);
    expect(made).not.toBe(traceparent);
    await expectOneTrace({ ...asked, traceparent: made }, lines);
  });
});

describe('the metrics of docs/operations.md', () => {
  const background = async (
    fault?: [operation: string, fault: Record<string, unknown>],
  ): Promise<{ id: string; client: ReturnType<typeof newCaller>['client']; azure: Steering }> => {
    const { client } = newCaller(world.endpoints);
    const azure = steer(world.endpoints);
    if (fault !== undefined) await azure.plan(...fault);
    const { id } = await client.responses.create({ model: 'gpt-4.1', input: `Say ${azure.marker}`, background: true });
    return { id, client, azure };
  };
  /** What ties a line to the request that has asked for the response. */
  const originOf = (id: string): Line['fields'] => {
    const { requestId = 'none', traceparent = 'none' } = fieldsOf(linesAbout(id), 'accepted')[0] ?? {};
    return { requestId, traceparent };
  };
  const linesOnce = async (id: string, event: string): Promise<Line['fields'][]> =>
    fieldsOf(await wholeStory(id, event), event);

  it.each([
    ['completed', undefined],
    ['failed', { kind: 'fail' }],
    ['incomplete', { kind: 'content_filter', side: 'output' }],
  ])('count an accepted run once, and once as %s', async (status, fault) => {
    const { id } = await background(fault === undefined ? undefined : ['create', fault]);
    const lines = await wholeStory(id, 'webhook-delivered');
    expect(fieldsOf(lines, 'accepted')).toMatchObject([{ submitted: 'true' }]);
    expect(fieldsOf(lines, 'finished')).toMatchObject([
      { status, background: 'true', streamed: 'false', seconds: expect.stringMatching(/^\d+$/) },
    ]);
  });

  it('count what was refused as neither accepted nor finished', async () => {
    const { key, client } = newCaller(world.endpoints);
    const requestId = `ask-${randomUUID()}`;
    const headers = { 'x-request-id': requestId, 'api-key': key };
    const refused = client.responses.create({ model: 'nope', input: 'x', background: true }, { headers });
    await expect(refused).rejects.toMatchObject({ status: 404 });
    const about = (): string[] =>
      linesOf(world)
        .filter(({ fields }) => fields.requestId === requestId)
        .map(({ event }) => event);
    await expect.poll(about, PATIENCE).toEqual(['answered']);
  });

  it('know what runs and how old it is, until it is cancelled or deleted', async () => {
    const runs = [
      await background(['create', { kind: 'stuck', state: 'in_progress' }]),
      await background(['create', { kind: 'stuck', state: 'in_progress' }]),
    ];
    const [first, second] = runs;
    await alter(world.endpoints, first?.id ?? '', { createdAt: Math.floor(Date.now() / 1000) - 100 });
    const running = async (): Promise<Line['fields'] | undefined> => {
      const before = fieldsOf(linesOf(world), 'running').length;
      await fire(world.endpoints, 'reconcile');
      await expect.poll(() => fieldsOf(linesOf(world), 'running').length, PATIENCE).toBeGreaterThan(before);
      return fieldsOf(linesOf(world), 'running').at(-1);
    };
    const busy = await running();
    expect(busy?.count).toBe('2');
    expect(Number(busy?.oldestSeconds)).toBeGreaterThanOrEqual(100);
    await first?.client.responses.cancel(first.id);
    await second?.client.responses.delete(second.id);
    expect(await linesOnce(first?.id ?? '', 'finished')).toMatchObject([{ status: 'cancelled' }]);
    expect(await linesOnce(second?.id ?? '', 'finished')).toMatchObject([{ status: 'deleted' }]);
    expect(await running()).toMatchObject({ count: '0', oldestSeconds: '0' });
  });

  it('count looks, also those that the service did not answer', async () => {
    const { id } = await background(['retrieve', { kind: 'status', status: 404 }]);
    const [first] = await linesOnce(id, 'polled');
    expect(first).toMatchObject({ status: 'unanswered', serviceStatus: '404' });
  });

  it('count runs of which the service says what nobody has heard of', async () => {
    const { id } = await background(['retrieve', { kind: 'unknown_status', status: 'dreaming' }]);
    expect(await linesOnce(id, 'unknown-service-status')).toMatchObject([{ status: 'dreaming' }]);
  });

  it('count paid answers that could not be written', async () => {
    const asked = newRequest();
    const fault = { operation: 'create', container: 'chains', status: 503, times: 20, contains: asked.azure.marker };
    await planStore(world.endpoints, fault);
    const id = await asked.create({});
    expect(await linesOnce(id, 'answer-not-stored')).toMatchObject([{ requestId: asked.requestId }]);
  });

  it('count what may have been paid for twice', async () => {
    const { id } = await background(['create', { kind: 'lose_answer' }]);
    expect(await linesOnce(id, 'possibly-duplicated')).toHaveLength(1);
    expect(fieldsOf(linesAbout(id), 'accepted')).toMatchObject([{ submitted: 'false' }]);
  });

  it('count deliveries of the webhook, and runs that had to be repaired', async () => {
    receiver.answer(500);
    const { id } = await background();
    expect(await linesOnce(id, 'webhook-failed')).toMatchObject([{ attempts: '1', status: '500', givenUp: 'false' }]);
    receiver.answer(200);
    expect(await linesOnce(id, 'webhook-delivered')).toMatchObject([{ attempts: '2', status: '200' }]);
    const past = Date.now() - 600_000;
    const webhook = { state: 'pending', endedAt: past, attempts: 0, nextAt: past };
    const record = await recordOf(world.endpoints, id);
    await alter(world.endpoints, id, { createdAt: past / 1000, run: { ...record?.run, webhook } });
    await fire(world.endpoints, 'reconcile');
    expect(await linesOnce(id, 'repaired')).toMatchObject([{ what: 'loop-started', ...originOf(id) }]);
  });

  it('count what could not be cleaned up', async () => {
    const { id, client, azure } = await background(['create', { kind: 'stuck', state: 'in_progress' }]);
    await azure.plan('cancel', { kind: 'status', status: 503 });
    await client.responses.cancel(id);
    expect(await linesOnce(id, 'clean-up-failed')).toMatchObject([{ what: 'cancel-at-service', ...originOf(id) }]);
  });

  it('ask for events and fields that the app has logged in these tests', async () => {
    const box = await openDropBox(world.endpoints);
    const name = `${newFolder()}/bad.pdf`;
    await box.errorOf(name, await box.drop(name, 'no pdf'));
    await expect.poll(() => fieldsOf(linesOf(world), 'document-finished').length, PATIENCE).toBe(1);
    const queries = [...readFileSync('docs/operations.md', 'utf8').matchAll(/```kusto\n([^]*?)```/g)].map(
      ([, query = '']) => query,
    );
    expect(queries.length).toBeGreaterThan(8);
    const lines = linesOf(world);
    for (const query of queries) {
      const events = [...query.matchAll(/event (?:==|in) \(?("[^)\n]*?")(?:\)|[^,"])/g)].flatMap(([, list = '']) =>
        [...list.matchAll(/"([\w-]+)"/g)].map(([, event = '']) => event),
      );
      const fields = new Set([...query.matchAll(/line\.(\w+)/g)].map(([, field = '']) => field));
      fields.delete('msg');
      const about = lines.filter(({ event }) => events.length === 0 || events.includes(event));
      const logged = new Set(about.flatMap((line) => Object.keys(line.fields)));
      expect([...fields].filter((field) => !logged.has(field))).toEqual([]);
      expect(events.filter((event) => !about.some((line) => line.event === event))).toEqual([]);
    }
  });
});
