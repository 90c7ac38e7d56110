import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { control, openDropBox, until } from '../../support/documents.ts';
import { startMcpServer, type TestMcpServer } from '../../support/mcp-server.ts';
import { textPdf } from '../../support/pdfs.ts';
import { orderToken } from '../../support/tokens.ts';
import { startWorld, type World } from '../../support/world.ts';
import { blobs, Canaries, durableHistories, records } from './canaries.ts';

/**
 * A busy day with callers of the local tenant: everything that people put into a request holds a canary, much goes wrong, and then
 * everything that the gateway has written or said is searched.
 */

/** What callers say: theirs, and for the stores only. */
const content = new Canaries();
/** What opens other doors: for nobody to keep. */
const secrets = new Canaries();

let world: World;
let mcp: TestMcpServer;
let token: string;
/** Bodies of all refusals and failures. */
const errors: string[] = [];
/** Background responses that were begun. */
const begun: string[] = [];

const model = 'gpt-4.1';

interface Sent {
  method?: string;
  body?: unknown;
  headers?: Record<string, string>;
  as?: string;
}

async function send(path: string, { method = 'POST', body, headers, as = token }: Sent = {}): Promise<string> {
  const raw = typeof body === 'string' || body instanceof FormData || body === undefined;
  const answer = await fetch(`${world.endpoints.gateway}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${as}`,
      ...(body instanceof FormData ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    body: raw ? body : JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) errors.push(text);
  return text;
}

const create = (body: Record<string, unknown>, headers?: Record<string, string>): Promise<string> =>
  send('/openai/v1/responses', { body: { model, ...body }, headers });

const idIn = (text: string): string => /resp_[0-9a-f]{48}/.exec(text)?.[0] ?? '';

/** Waits for the end of a background response. */
const ended = (id: string): Promise<true> =>
  until(`the end of ${id}`, async () => {
    const text = await send(`/openai/v1/responses/${id}`, { method: 'GET' });
    return /"status":"(completed|failed|incomplete|cancelled)"/.test(text) ? true : undefined;
  });

const mcpTool = (what: string, url = mcp.url): Record<string, unknown> => ({
  type: 'mcp',
  server_label: 'docs',
  server_url: `${url}?code=${secrets.plant(`${what}: server_url`)}#${secrets.plant(`${what}: fragment`)}`,
  authorization: secrets.plant(`${what}: authorization`),
  headers: { 'x-api-key': secrets.plant(`${what}: header`) },
  require_approval: 'never',
});

beforeAll(async () => {
  [world, mcp] = await Promise.all([
    startWorld({
      environment: {
        AUTH_MODE: 'entra',
        DOCUMENTS_OWNER: '*',
        AzureFunctionsJobHost__logging__logLevel__default: 'Trace',
      },
    }),
    startMcpServer(),
  ]);
  token = secrets.watch('token', await orderToken(world.endpoints.identity, { caller: 'alice' }));
  await Promise.all([answers(), conversations(), runs(), refusals(), troubles(), documents()]);
  await Promise.all(begun.map(ended));
}, 120_000);
afterAll(async () => {
  await world.stop();
  await mcp.stop();
});

/** Everything that can be said in a create. */
async function answers(): Promise<void> {
  const said = {
    input: `Say hello to ${content.plant('prompt')}`,
    instructions: content.plant('instructions'),
    metadata: { note: content.plant('metadata') },
    user: content.plant('user'),
    tools: [{ type: 'function', name: 'f', description: content.plant('function'), parameters: {} }],
  };
  await create(said);
  await create({ ...said, stream: true });
  await create({ ...said, store: false });
  await create(said, { 'idempotency-key': secrets.plant('idempotency key') });
  await create({ input: content.plant('large prompt').repeat(4_000) });
  await create({ input: 'Search the docs for transports.', tools: [mcpTool('plain')] });
  await create({ input: 'Search the docs for transports.', tools: [mcpTool('stream')], stream: true });
  await create({ input: 'Search the docs.', tools: [mcpTool('broken', mcp.url.replace('/mcp', '/nowhere'))] });
  await create({ input: 'Search the docs.', tools: [mcpTool('unreachable', 'http://127.0.0.1:9/')], stream: true });
}

async function conversations(): Promise<void> {
  const first = idIn(await create({ input: content.plant('first turn') }));
  await create({ input: content.plant('second turn'), previous_response_id: first });
  await send('/openai/v1/responses/compact', { body: { model, input: content.plant('compacted') } });
  await send('/openai/v1/responses/input_tokens', { body: { model, input: content.plant('counted') } });
  const form = new FormData();
  form.set('purpose', 'assistants');
  form.set('file', new File([await textPdf([content.plant('uploaded text')])], `${content.plant('file name')}.pdf`));
  await send('/openai/v1/files', { body: form });
  await create({
    input: `Use python to print '${content.plant('code')}'.`,
    tools: [{ type: 'code_interpreter', container: { type: 'auto' } }],
  });
  await send(`/openai/v1/responses/${first}`, { method: 'DELETE' });
}

async function runs(): Promise<void> {
  const tools = [mcpTool('background')];
  begun.push(idIn(await create({ input: `Search ${content.plant('background')}`, background: true, tools })));
  const streamed = { input: `Search ${content.plant('streamed run')}`, background: true, stream: true };
  begun.push(idIn(await create({ ...streamed, tools: [mcpTool('streamed run')] })));
  const link = await create({ input: content.plant('job') }, { prefer: 'respond-async' });
  begun.push(idIn(link));
  await send(`/jobs/${idIn(link)}?token=${secrets.plant('wrong link')}`, { method: 'GET', as: 'nobody' });
}

/** What callers get wrong. */
async function refusals(): Promise<void> {
  for (const flaw of ['expired', 'wrong-audience', 'alg-none', 'no-role', 'unknown-key']) {
    const broken = await orderToken(world.endpoints.identity, { caller: 'alice', flaw });
    await send('/openai/v1/responses', { method: 'GET', as: secrets.watch(`token: ${flaw}`, broken) });
  }
  await send('/openai/v1/responses', { method: 'GET', as: secrets.plant('no token') });
  await send('/openai/v1/responses', { body: `{"input": "${content.plant('broken JSON')}` });
  await create({ input: { wrong: content.plant('wrong type') } });
  await create({ input: 'Hi', temperature: content.plant('wrong number') });
  await create({ input: 'Hi', metadata: { note: content.plant('long metadata').repeat(30) } });
  await create({ input: 'Hi', background: true, store: false, instructions: content.plant('combination') });
  await send('/openai/v1/files', {
    body: `--x\r\n${content.plant('broken form')}`,
    headers: { 'content-type': 'multipart/form-data; boundary=x' },
  });
  await send(`/openai/v1/responses?after=${content.plant('cursor')}`, { method: 'GET' });
}

/** What goes wrong behind the gateway. */
async function troubles(): Promise<void> {
  const fail = async (
    what: string,
    fault: Record<string, unknown>,
    extra: Record<string, unknown> = {},
  ): Promise<void> => {
    const prompt = content.plant(what);
    const match = { operation: 'create', contains: prompt };
    await control(world.endpoints, 'POST', 'scenarios', { match, times: 'always', fault });
    const answer = await create({ input: prompt, tools: [mcpTool(what)], ...extra });
    if (extra.background === true && idIn(answer) !== '') begun.push(idIn(answer));
  };
  await fail('service fails', {
    kind: 'status',
    status: 500,
    error: { message: content.plant('message of the service') },
  });
  await fail('service is no JSON', { kind: 'status', status: 502, text: content.plant('text of a proxy') });
  await fail('reset', { kind: 'reset' });
  await fail('cut stream', { kind: 'cut', afterEvents: 3 }, { stream: true });
  await fail('stream error', { kind: 'stream_error' }, { stream: true });
  await fail('failed run', { kind: 'fail' }, { background: true, tools: [] });
  await fail('cut run', { kind: 'cut', afterEvents: 3 }, { background: true, stream: true, tools: [] });
  const cosmos = `${world.endpoints.cosmos}/_control/faults`;
  const lost = content.plant('store fails');
  await fetch(cosmos, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ operation: '*', container: 'chains', status: 400, times: 20, contains: lost }),
  });
  await create({ input: lost, tools: [mcpTool('store fails')] });
  await create({ input: lost, background: true });
}

async function documents(): Promise<void> {
  const box = await openDropBox(world.endpoints);
  const good = await textPdf([`The secret is ${content.plant('document')}.`]);
  const etag = await box.drop('good.pdf', good, { prompt: `Say it: ${content.plant('prompt of a document')}` });
  const bad = await box.drop('bad.pdf', `%PDF-1.4 ${content.plant('broken document')}`);
  await Promise.all([box.analysisOf('good.pdf', etag), box.errorOf('bad.pdf', bad)]);
}

describe('after a busy day', () => {
  const everything = (text: string): string[] => [...content.in(text), ...secrets.in(text)];

  it('the canaries can be found where they belong', async () => {
    const found = new Set((await records(world)).flatMap((record) => content.in(record)));
    for (const where of ['prompt', 'instructions', 'metadata', 'second turn', 'background', 'job']) {
      expect([...found]).toContain(where);
    }
    expect(mcp.seen.some(({ authorization }) => secrets.in(authorization ?? '').length > 0)).toBe(true);
    expect(errors.length).toBeGreaterThan(12);
  });

  it('no line of any log holds one', () => {
    const lines = `${world.output()}\n${world.errors()}`.split('\n');
    expect(lines.filter((line) => line.includes('answered')).length).toBeGreaterThan(30);
    expect(lines.filter((line) => everything(line).length > 0)).toEqual([]);
  });

  it('no error repeats what was sent', () => {
    expect(errors.flatMap(everything)).toEqual([]);
  });

  it('no orchestration has kept any', async () => {
    const histories = await durableHistories(world);
    expect(histories.length).toBeGreaterThan(4);
    expect(histories.flatMap(everything)).toEqual([]);
  });

  it('no record and no blob holds a secret', async () => {
    const kept = [...(await records(world)), ...(await blobs(world, ['payloads', 'events', 'images', 'analyses']))];
    expect(kept.length).toBeGreaterThan(20);
    expect(kept.flatMap((each) => secrets.in(each))).toEqual([]);
  });

  it('no answer shows a secret to its own caller', async () => {
    const { data } = await list();
    const texts = await Promise.all(
      data.flatMap(({ id }) =>
        ['', '/input_items'].map((part) => send(`/openai/v1/responses/${id}${part}`, { method: 'GET' })),
      ),
    );
    expect(texts.flatMap((each) => secrets.in(each))).toEqual([]);
  });
});

async function list(): Promise<{ data: { id: string }[] }> {
  const text = await send('/openai/v1/responses?limit=100', { method: 'GET' });
  return { data: [...new Set(text.match(/resp_[0-9a-f]{48}/g) ?? [])].map((id) => ({ id })) };
}

it('another caller sees nothing of all this', async () => {
  const bob = await orderToken(world.endpoints.identity, { caller: 'bob', version: '1.0' });
  expect(await send('/openai/v1/responses', { method: 'GET', as: bob })).toContain('"data":[]');
  const id = (await list()).data[0]?.id ?? randomUUID();
  expect(await send(`/openai/v1/responses/${id}`, { method: 'GET', as: bob })).toContain('not_found');
});

it('what was dropped for everybody can be read and continued by every caller, and changed by none', async () => {
  const as = await orderToken(world.endpoints.identity, { caller: 'logic-app' });
  const found = await send('/documents?state=completed', { method: 'GET', as });
  const document = /[0-9a-f]{64}/.exec(found)?.[0] ?? '';
  const response = idIn(found);
  expect(await send(`/openai/v1/responses/${response}`, { method: 'GET', as })).toContain('"status":"completed"');
  const asked = { model, input: 'And now?', previous_response_id: response };
  const next = idIn(await send('/openai/v1/responses', { body: asked, as }));
  expect(next).not.toBe('');
  expect(await send(`/openai/v1/responses/${next}`, { method: 'GET' })).toContain('not_found');
  expect(await send(`/documents/${document}/replay`, { as })).toContain('forbidden');
  expect(await send(`/documents/${document}/cancel`, { as })).toContain('forbidden');
  expect(await send(`/openai/v1/responses/${response}`, { method: 'DELETE', as })).toContain('forbidden');
});
