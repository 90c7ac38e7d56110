import { describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { forget } from '../../support/forgetting.ts';
import { steer } from '../../support/simulator.ts';
import { newCaller } from '../../support/world.ts';

const endpoints = inject('endpoints');
const response = z.looseObject({ id: z.string(), status: z.string() });

const withImage = response.extend({ output: z.array(z.unknown()) });

const create = (key: string, body: Record<string, unknown>, prefer = 'respond-async', query = ''): Promise<Response> =>
  fetch(`${endpoints.gateway}/openai/v1/responses${query}`, {
    method: 'POST',
    headers: { 'api-key': key, 'content-type': 'application/json', prefer },
    body: JSON.stringify({ model: 'gpt-4.1', ...body }),
  });

describe('Prefer: respond-async', () => {
  it('answers 202 with a link that needs no credentials, until it gives the response', async () => {
    const { key, client } = newCaller(endpoints);
    const answer = await create(key, { input: 'Say hello' }, 'wait=10, respond-async');
    expect(answer.status).toBe(202);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(answer.headers.get('preference-applied')).toBe('respond-async');
    const { id } = response.parse(await answer.json());
    const link = answer.headers.get('location') ?? '';
    expect(link).toContain(`/jobs/${id}?token=`);
    await expect.poll(async () => (await fetch(link)).status, { timeout: 20_000 }).toBe(200);
    const done = response.parse(await (await fetch(link)).json());
    expect(done).toEqual(
      JSON.parse(JSON.stringify({ ...(await client.responses.retrieve(id)), output_text: undefined })),
    );
  });

  it('gives the same link again while the run lasts, and the failed response at its end', async () => {
    const { key } = newCaller(endpoints);
    const azure = steer(endpoints);
    await azure.plan('create', { kind: 'pace', runningMs: 800 });
    await azure.plan('create', { kind: 'fail', code: 'server_error', message: 'It broke.' });
    const link = (await create(key, { input: `Say ${azure.marker}` })).headers.get('location') ?? '';
    const early = await fetch(link, { headers: { authorization: 'Bearer of-somebody-else' } });
    expect({ status: early.status, location: early.headers.get('location') }).toEqual({ status: 202, location: link });
    await expect.poll(async () => (await fetch(link)).status, { timeout: 20_000 }).toBe(200);
    expect(await (await fetch(link)).json()).toMatchObject({
      status: 'failed',
      error: { message: 'It broke.' },
    });
  });

  it('keeps the form in which images are asked for', async () => {
    const { key, client } = newCaller(endpoints);
    const query = { images: 'url' };
    const body = { input: 'Draw a red square', tools: [{ type: 'image_generation' }] };
    const link = (await create(key, body, 'respond-async', '?images=url')).headers.get('location') ?? '';
    await expect.poll(async () => (await fetch(link)).status, { timeout: 20_000 }).toBe(200);
    const done = withImage.parse(await (await fetch(link)).json());
    const linked = expect.objectContaining({ result: null, result_url: expect.stringContaining(`${done.id}/images/`) });
    expect(done.output).toContainEqual(linked);
    // Cancelling what has ended shows it.
    expect((await client.responses.cancel(done.id, { query })).output).toContainEqual(linked);
    const plain = withImage.parse(await (await fetch(link.replace('&images=url', ''))).json());
    expect(plain.output).toContainEqual(expect.objectContaining({ result: expect.stringMatching(/^iVBOR/) }));
  });

  it('says so when the context had to be told again, now and later', async () => {
    const { key, client } = newCaller(endpoints);
    const root = await client.responses.create({ model: 'gpt-4.1', input: 'My name is Ada.' });
    await forget(endpoints, root.id);
    const accepted = await create(key, { input: 'What is my name?', previous_response_id: root.id });
    const link = accepted.headers.get('location') ?? '';
    const { id } = response.parse(await accepted.json());
    await expect.poll(async () => (await fetch(link)).status, { timeout: 20_000 }).toBe(200);
    const looks = [
      accepted,
      await fetch(link),
      (await client.responses.retrieve(id).withResponse()).response,
      (await client.responses.cancel(id).withResponse()).response,
    ];
    expect(looks.map(({ headers }) => headers.get('x-context-rebuilt'))).toEqual(looks.map(() => 'true'));
    expect((await client.responses.retrieve(root.id).withResponse()).response.headers.has('x-context-rebuilt')).toBe(
      false,
    );
  });

  it('opens nothing to anybody else', async () => {
    const { key } = newCaller(endpoints);
    const link = new URL((await create(key, { input: 'Say hello' })).headers.get('location') ?? '');
    const stranger = { headers: { 'api-key': newCaller(endpoints).key } };
    const bare = `${link.origin}${link.pathname}`;
    expect((await fetch(bare)).status).toBe(401);
    expect((await fetch(bare, stranger)).status).toBe(404);
    expect((await fetch(`${bare}?token=wrong`)).status).toBe(404);
    expect([200, 202]).toContain((await fetch(bare, { headers: { 'api-key': key } })).status);
    const other = new URL((await create(key, { input: 'Say more' })).headers.get('location') ?? '');
    expect((await fetch(`${bare}${other.search}`)).status).toBe(404);
    expect((await fetch(`${link.origin}/openai/v1/responses${link.search}`)).status).toBe(401);
  });

  it.each([
    [{ input: 'x', stream: true }, 'stream'],
    [{ input: 'x', store: false }, 'background'],
  ])('is refused with %o', async (body, param) => {
    const answer = await create(newCaller(endpoints).key, body);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { param } });
  });
});
