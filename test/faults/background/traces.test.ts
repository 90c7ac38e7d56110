import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { linesOf, type Line } from '../../support/log-lines.ts';
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

  it('over the death of the host', async () => {
    const asked = newRequest();
    await asked.azure.plan('create', { kind: 'pace', runningMs: 3_000 });
    const id = await asked.create({ background: true });
    await expect.poll(() => fieldsOf(linesAbout(id), 'polled').length, PATIENCE).toBeGreaterThan(0);
    await world.killHost();
    await expectOneTrace(asked, await wholeStory(id, 'webhook-delivered'));
  });

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
