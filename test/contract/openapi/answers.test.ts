import { randomUUID } from 'node:crypto';
import OpenAI, { toFile } from 'openai';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { documentsApi, newFolder, openDropBox } from '../../support/documents.ts';
import { sideOf } from '../../support/answers/checked-fetch.ts';
import { describedFetch, Description } from '../../support/answers/description.ts';
import { textPdf } from '../../support/pdfs.ts';

const endpoints = inject('endpoints');
const says = new Description();
const { fetch: described, seen } = describedFetch(says);
const key = `test-${randomUUID()}`;
const client = new OpenAI({
  baseURL: `${endpoints.gateway}/openai/v1`,
  apiKey: key,
  maxRetries: 0,
  fetch: described,
});
const get = (path: string, by = key, method = 'GET'): Promise<Response> =>
  described(`${endpoints.gateway}${path}`, { method, headers: { 'api-key': by } });
const post = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  described(`${endpoints.gateway}${path}`, {
    method: 'POST',
    headers: { 'api-key': key, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

/** Needs a receiver of webhooks that refuses, which this world has not. */
const ELSEWHERE = ['replayDelivery'];

it('what the shared world answers is checked in every test', () => {
  const sides = [endpoints.gateway, endpoints.openai].map((address) => sideOf(new URL(address)));
  expect(sides).toEqual(['gateway', 'service']);
});

describe('every answer is as docs/openapi.yaml says:', () => {
  it('responses', async () => {
    const first = await client.responses.create({ model: 'gpt-4.1', input: 'My name is Ada.' });
    await client.responses.create({ model: 'gpt-4.1', input: 'And mine?', previous_response_id: first.id });
    await client.responses.retrieve(first.id, { include: ['message.output_text.logprobs'] });
    await client.responses.inputItems.list(first.id, { limit: 1 });
    await get('/openai/v1/responses?limit=1&order=asc');
    await client.responses.compact({ model: 'gpt-4.1', input: 'A long story.' });
    await client.responses.inputTokens.count({ model: 'gpt-4.1', input: 'How many?' });
    await client.responses.delete(first.id);
    await expect(client.responses.retrieve(first.id)).rejects.toThrow('404');
    await expect(client.responses.create({ model: 'no-such-model', input: 'x' })).rejects.toThrow('404');
    await expect(client.responses.cancel(`resp_${'0'.repeat(48)}`)).rejects.toThrow('404');
  });

  it('images, and chains', async () => {
    const tools = [{ type: 'image_generation' as const }];
    const { id, output } = await client.responses.create({
      model: 'gpt-4.1',
      input: 'Generate an image of a red circle.',
      tools,
    });
    await client.responses.create({ model: 'gpt-4.1', input: 'Thanks.', previous_response_id: id });
    await get(`/openai/v1/responses/${id}?images=url`);
    const image = `/openai/v1/responses/${id}/images/${output.find(({ type }) => type === 'image_generation_call')?.id ?? ''}`;
    const etag = (await get(image)).headers.get('etag') ?? '';
    const asked = (headers: Record<string, string>): Promise<Response> =>
      described(`${endpoints.gateway}${image}`, { headers: { 'api-key': key, ...headers } });
    expect((await asked({ range: 'bytes=0-7' })).status).toBe(206);
    expect((await asked({ range: 'bytes=99999999-' })).status).toBe(416);
    expect((await asked({ 'if-none-match': etag })).status).toBe(304);
    const chain = `/chains/${id.slice(5, 29)}`;
    await get('/chains');
    await get(chain);
    await get(`/openai/v1/responses/${id}?cascade=true`, key, 'DELETE');
    const other = await client.responses.create({ model: 'gpt-4.1', input: 'Something else.' });
    await get(`/chains/${other.id.slice(5, 29)}`, key, 'DELETE');
    expect((await get(chain)).status).toBe(404);
  });

  it('events, at once and later', async () => {
    const stream = client.responses.stream({ model: 'gpt-4.1', input: 'Tell me more.', background: true });
    const { id } = await stream.finalResponse();
    await get(`/openai/v1/responses/${id}?stream=true&starting_after=2`);
    await client.responses.cancel(id);
  });

  it('links', async () => {
    const answer = await post(
      '/openai/v1/responses',
      { model: 'gpt-4.1', input: 'Hello.' },
      { prefer: 'respond-async' },
    );
    expect(answer.status).toBe(202);
    const link = answer.headers.get('location') ?? '';
    await expect.poll(async () => (await described(link)).status, { timeout: 20_000 }).toBe(200);
  });

  it('files, and containers with files', async () => {
    const file = await client.files.create({
      file: await toFile(await textPdf(['A page.']), 'page.pdf'),
      purpose: 'user_data',
    });
    await client.files.list();
    await client.files.retrieve(file.id);
    await client.files.content(file.id);
    const container = await client.containers.create({ name: 'mine' });
    await client.containers.list();
    await client.containers.retrieve(container.id);
    const inside = await client.containers.files.create(container.id, { file_id: file.id });
    await client.containers.files.list(container.id);
    const place = { container_id: container.id };
    await client.containers.files.retrieve(inside.id, place);
    await client.containers.files.content.retrieve(inside.id, place);
    // The SDK asks for anything but JSON here, and the answer is JSON all the same.
    await get(`/openai/v1/containers/${container.id}/files/${inside.id}`, key, 'DELETE');
    await get(`/openai/v1/containers/${container.id}`, key, 'DELETE');
    await client.files.delete(file.id);
  });

  it('models, and the app itself', async () => {
    await client.models.list();
    await client.models.retrieve('gpt-4.1');
    await get('/health');
    await get('/openapi.json');
    await get('/webhooks/deliveries');
    await get(`/webhooks/deliveries/resp_${'0'.repeat(48)}/replay`, key, 'POST');
    expect((await described(`${endpoints.gateway}/openai/v1/models`)).status).toBe(401);
  });

  it('documents', async () => {
    const box = await openDropBox(endpoints);
    const name = `${newFolder()}/described.pdf`;
    const { document_id: id } = await box.analysisOf(name, await box.drop(name, await textPdf(['A page.'])));
    await documentsApi(endpoints).settled(id, 'completed');
    await get(`/documents?path=${encodeURIComponent(name)}`, 'local');
    await get(`/documents/${id}`, 'local');
    await get(`/documents/${id}/replay`, 'local', 'POST');
    await get(`/documents/${id}/cancel`, 'local', 'POST');
    await get('/documents/no-such-document', 'local');
  });

  afterAll(() => {
    const succeeded = new Set([...seen].filter((entry) => / 2\d\d$/.test(entry)).map((entry) => entry.split(' ')[0]));
    const unseen = says.operations.map(({ id }) => id).filter((id) => !succeeded.has(id) && !ELSEWHERE.includes(id));
    expect(unseen).toEqual([]);
  });
});
