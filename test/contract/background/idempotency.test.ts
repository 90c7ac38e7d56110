import { createHash, randomUUID } from 'node:crypto';
import type { Item } from '@azure/cosmos';
import { describe, expect, inject, it } from 'vitest';
import { collect, faultsOf, openStream, textOf } from '../../support/event-stream.ts';
import { planStore } from '../../support/records.ts';
import { steer } from '../../support/simulator.ts';
import { newCaller, openDatabase } from '../../support/world.ts';

const endpoints = inject('endpoints');

const create = (key: string, once: string, body: Record<string, unknown>): Promise<Response> =>
  fetch(`${endpoints.gateway}/openai/v1/responses`, {
    method: 'POST',
    headers: { 'api-key': key, 'content-type': 'application/json', 'idempotency-key': once },
    body: JSON.stringify({ model: 'gpt-4.1', ...body }),
  });

const idOf = async (answer: Response): Promise<string> => {
  const { id } = (await answer.json()) as { id: string };
  return id;
};

/** The memory of a key, as it lies in the store. */
async function entryOf(once: string): Promise<Item> {
  const directory = (await openDatabase(endpoints)).container('directory');
  const { resources } = await directory.items
    .query<{ owner: string }>({
      query: 'SELECT c.owner FROM c WHERE c.id = @id',
      parameters: [{ name: '@id', value: idOfEntry(once) }],
    })
    .fetchAll();
  expect(resources).toHaveLength(1);
  return directory.item(idOfEntry(once), resources[0]?.owner ?? '');
}

const idOfEntry = (once: string): string => `idempotency:${createHash('sha256').update(once).digest('hex')}`;

describe('Idempotency-Key', () => {
  it.each([
    ['plain', {}],
    ['in the background', { background: true }],
  ])('a %s create is paid once: after another, and together with another', async (_form, form) => {
    const { key } = newCaller(endpoints);
    const azure = steer(endpoints);
    const [once, body] = [randomUUID(), { input: `Say ${azure.marker}`, ...form }];
    const together = await Promise.all([create(key, once, body), create(key, once, body), create(key, once, body)]);
    const later = await create(key, once, body);
    expect([...together, later].map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(later.headers.get('idempotency-replayed')).toBe('true');
    const ids = await Promise.all([...together, later].map(idOf));
    expect(new Set(ids).size).toBe(1);
    expect((await azure.counts()).received.create).toBe(1);
  });

  it('a repeat waits for a first one that still runs', async () => {
    const { key } = newCaller(endpoints);
    const azure = steer(endpoints);
    await azure.plan('create', { kind: 'slow', beforeMs: 1_500 });
    const [once, body] = [randomUUID(), { input: `Say ${azure.marker}` }];
    const first = create(key, once, body);
    await expect.poll(async () => (await azure.counts()).received.create).toBe(1);
    expect(await idOf(await create(key, once, body))).toBe(await idOf(await first));
    expect(await azure.runs()).toBe(1);
  });

  it.each([
    ['', {}],
    [' in the background', { background: true }],
  ])('a streamed create%s is repeated as a stream', async (_form, form) => {
    const { key } = newCaller(endpoints);
    const azure = steer(endpoints);
    const body = { input: `Say ${azure.marker}`, background: false, ...form };
    const headers = { 'idempotency-key': randomUUID() };
    const first = await collect(await openStream(endpoints, key, body, headers));
    const second = await collect(await openStream(endpoints, key, body, headers));
    expect([faultsOf(first), faultsOf(second)]).toEqual([[], []]);
    expect(textOf(second)).toBe(textOf(first));
    expect(second[0]?.response?.id).toBe(first[0]?.response?.id);
    expect(await azure.runs()).toBe(1);
  });

  it('a streamed create is taken over when it is not heard of; both callers get a whole stream of one response', async () => {
    const { key, client } = newCaller(endpoints);
    const azure = steer(endpoints);
    await azure.plan('create', { kind: 'slow', beforeMs: 2_000 });
    const body = { input: `Say ${azure.marker}`, background: false };
    const headers = { 'idempotency-key': randomUUID() };
    const first = openStream(endpoints, key, body, headers).then(collect);
    await expect.poll(async () => (await azure.counts()).received.create).toBe(1);
    // As after half a minute without a sign of life.
    const entry = await entryOf(headers['idempotency-key']);
    await entry.patch([{ op: 'set', path: '/leaseUntil', value: 0 }]);
    const second = await collect(await openStream(endpoints, key, body, headers));
    const streams = [await first, second];
    expect(streams.map(faultsOf)).toEqual([[], []]);
    const [id, other] = streams.map((events) => events[0]?.response?.id ?? '');
    expect(other).toBe(id);
    const stored = await client.responses.retrieve(id ?? '');
    expect(streams.map(textOf)).toEqual([stored.output_text, stored.output_text]);
    expect(await azure.runs()).toBe(2);
    // Whoever comes to its end last does not forget what the other has made.
    expect(textOf(await collect(await openStream(endpoints, key, body, headers)))).toBe(stored.output_text);
    expect(await azure.runs()).toBe(2);
  });

  it('a first one renews its lease, also when the answer to a renewal was lost', async () => {
    const { key } = newCaller(endpoints);
    const azure = steer(endpoints);
    await azure.plan('create', { kind: 'slow', beforeMs: 22_000 });
    const once = randomUUID();
    const first = create(key, once, { input: `Say ${azure.marker}` });
    await expect.poll(async () => (await azure.counts()).received.create).toBe(1);
    const entry = await entryOf(once);
    const fault = { operation: 'replace', container: 'directory', status: 'reset', applied: true, contains: entry.id };
    await planStore(endpoints, { ...fault, times: 1 });
    const leases = new Set<unknown>();
    await expect
      .poll(async () => leases.add((await entry.read<{ leaseUntil: number }>()).resource?.leaseUntil).size, {
        timeout: 25_000,
        interval: 100,
      })
      .toBe(3);
    expect((await first).status).toBe(200);
  }, 40_000);

  it("refuses another body, and is no other owner's business", async () => {
    const { key } = newCaller(endpoints);
    const once = randomUUID();
    const first = await idOf(await create(key, once, { input: 'Say one' }));
    const other = await create(key, once, { input: 'Say two' });
    expect({ status: other.status, retry: other.headers.get('x-should-retry') }).toEqual({
      status: 409,
      retry: 'false',
    });
    expect(await other.json()).toMatchObject({ error: { code: 'idempotency_key_reused' } });
    expect(await idOf(await create(newCaller(endpoints).key, once, { input: 'Say one' }))).not.toBe(first);
  });

  it('forgets a create that was refused or failed, so that it can be tried again', async () => {
    const { key } = newCaller(endpoints);
    const azure = steer(endpoints);
    await azure.plan('create', { kind: 'throttle', retryAfterSeconds: 1 });
    const [once, body] = [randomUUID(), { input: `Say ${azure.marker}` }];
    expect((await create(key, once, body)).status).toBe(429);
    expect((await create(key, once, body)).status).toBe(200);
  });

  it('is refused where nothing is stored', async () => {
    const answer = await create(newCaller(endpoints).key, randomUUID(), { input: 'x', store: false });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { code: 'unsupported_combination', param: 'store' } });
  });
});
