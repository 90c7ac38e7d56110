import { afterAll, beforeEach, beforeAll, describe, expect, it } from 'vitest';
import { isBody, startSimulator, type Body, type Simulator } from './simulator.ts';

let azure: Simulator;
beforeAll(async () => {
  azure = await startSimulator();
});
beforeEach(() => azure.control('POST', '/reset'));
afterAll(() => azure.stop());

const dataOf = ({ data }: Body): Body[] => (Array.isArray(data) ? data.filter(isBody) : []);
const statusOf = async (body: Body) => (await azure.create(body)).status;

describe('a scenario', () => {
  it('meets only the requests that it is meant for', async () => {
    await azure.plan({ kind: 'throttle' }, { operation: 'create', contains: 'mine' }, { times: 2, skip: 1 });
    expect(await statusOf({ input: 'other' })).toBe(200);
    const seen = [];
    for (let count = 0; count < 4; count += 1) seen.push(await statusOf({ input: 'mine' }));
    expect(seen).toEqual([200, 429, 429, 200]);
  });

  it('finds the marker of the create on what is asked about its response', async () => {
    const mine = (await azure.create({ input: 'mine' })).body;
    const other = (await azure.create({ input: 'other' })).body;
    await azure.plan({ kind: 'status', status: 500 }, { operation: 'retrieve', contains: 'mine' });
    expect((await azure.send('GET', `/responses/${String(other.id)}`)).status).toBe(200);
    expect((await azure.send('GET', `/responses/${String(mine.id)}`)).status).toBe(500);
    await azure.plan({ kind: 'status', status: 500 }, { responseId: other.id });
    expect((await azure.send('GET', `/responses/${String(mine.id)}`)).status).toBe(200);
    expect((await azure.send('DELETE', `/responses/${String(other.id)}`)).status).toBe(500);
  });

  it('can go on for ever, until it is removed', async () => {
    const { body } = await azure.control('POST', '/scenarios', { fault: { kind: 'throttle' }, times: 'always' });
    expect([await statusOf({ input: 'x' }), await statusOf({ input: 'x' })]).toEqual([429, 429]);
    expect(dataOf((await azure.control('GET', '/scenarios')).body)).toMatchObject([
      { id: body.id, used: 2, left: 'always' },
    ]);
    await azure.control('DELETE', `/scenarios/${String(body.id)}`);
    expect(await statusOf({ input: 'x' })).toBe(200);
  });

  it('is listed as left over until it was met', async () => {
    await azure.plan({ kind: 'throttle' }, { contains: 'never' });
    expect(dataOf((await azure.control('GET', '/scenarios?left=true&contains=never')).body)).toHaveLength(1);
    await azure.create({ input: 'never say never' });
    expect(dataOf((await azure.control('GET', '/scenarios?left=true')).body)).toEqual([]);
  });

  it.each([
    {},
    { fault: { kind: 'explode' } },
    { fault: { kind: 'throttle', retryAfter: 1 } },
    { fault: { kind: 'reset' }, match: { op: 'x' } },
  ])('is refused when it makes no sense: %j', async (scenario) => {
    expect((await azure.control('POST', '/scenarios', scenario)).status).toBe(400);
  });
});

describe('the journal', () => {
  it('counts what came, what was answered and what ran', async () => {
    await azure.create({ input: 'one' });
    await azure.create({ input: 'one', model: 'nope' });
    await azure.send('GET', '/models');
    expect((await azure.control('GET', '/counts')).body).toEqual({
      received: { create: 2, 'models.list': 1 },
      succeeded: { create: 1, 'models.list': 1 },
      runs: 1,
    });
  });

  it('follows a marker to everything about its response', async () => {
    const mine = (await azure.create({ input: 'marker-1' })).body;
    await azure.create({ input: 'other' });
    await azure.send('GET', `/responses/${String(mine.id)}`);
    await azure.send('DELETE', `/responses/${String(mine.id)}`);
    const { body } = await azure.control('GET', '/counts?contains=marker-1');
    expect(body).toMatchObject({ received: { create: 1, retrieve: 1, delete: 1 }, runs: 1 });
    await azure.create({ input: 'marker-1 again' });
    const later = await azure.control('GET', '/counts?contains=marker-1');
    expect(later.body).toMatchObject({ received: { create: 2, retrieve: 1, delete: 1 }, runs: 2 });
  });

  it('shows what was sent, without the credentials', async () => {
    await azure.send(
      'POST',
      '/responses?x=1',
      { model: 'gpt-4o', input: 'look' },
      { 'api-key': 'secret-key', 'x-mine': 'seen' },
    );
    const { body } = await azure.control('GET', '/requests?contains=look');
    expect(dataOf(body)).toMatchObject([
      {
        operation: 'create',
        method: 'POST',
        path: '/openai/v1/responses?x=1',
        headers: { 'x-mine': 'seen' },
        body: { model: 'gpt-4o', input: 'look' },
        status: 200,
        ran: true,
      },
    ]);
    expect(JSON.stringify(body)).not.toContain('secret-key');
  });

  it('outlines an upload', async () => {
    const form = new FormData();
    form.append('purpose', 'assistants');
    form.append('file', new Blob(['content']), 'named.txt');
    await fetch(`${azure.address}/openai/v1/files`, { method: 'POST', headers: { 'api-key': 'k' }, body: form });
    const [entry] = dataOf((await azure.control('GET', '/requests?contains=named.txt')).body);
    expect(entry).toMatchObject({
      operation: 'files.create',
      body: { purpose: 'assistants', filename: 'named.txt', bytes: 7 },
    });
  });
});

describe('the control door', () => {
  it('forgets a response for a time or for ever', async () => {
    const { id } = (await azure.create({ input: 'x' })).body;
    const look = async () => (await azure.send('GET', `/responses/${String(id)}`)).status;
    await azure.control('POST', '/forget', { responseId: id, forMs: 1_000 });
    expect(await look()).toBe(404);
    expect(await statusOf({ input: 'y', previous_response_id: id })).toBe(400);
    await azure.control('POST', '/clock', { advanceMs: 1_001 });
    expect(await look()).toBe(200);
    await azure.control('POST', '/forget', { responseId: id });
    expect(await look()).toBe(404);
  });

  it('forgets the responses of 30 days ago by itself', async () => {
    const { id } = (await azure.create({ input: 'x' })).body;
    await azure.control('POST', '/clock', { advanceMs: 30 * 24 * 3_600_000 });
    expect((await azure.send('GET', `/responses/${String(id)}`)).status).toBe(404);
  });

  it('counts what is kept, and clears it', async () => {
    await azure.create({ input: 'x' });
    await azure.create({ input: 'x', background: true });
    expect((await azure.control('GET', '/state')).body).toEqual({ responses: 2, files: 0, containers: 0, running: 1 });
    await azure.control('POST', '/reset');
    expect((await azure.control('GET', '/state')).body).toEqual({ responses: 0, files: 0, containers: 0, running: 0 });
  });

  it('has no other doors', async () => {
    expect((await azure.control('GET', '/secrets')).status).toBe(404);
  });
});
