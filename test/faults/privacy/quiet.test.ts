import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMcpServer, type TestMcpServer } from '../../support/mcp-server.ts';
import { orderToken } from '../../support/tokens.ts';
import { startWorld, type World } from '../../support/world.ts';
import { BusyDay, idIn } from './busy-day.ts';
import { blobs, durableHistories, records } from './canaries.ts';

/** A busy day with callers of the local tenant; then everything that the gateway has written or said is searched. */

const model = 'gpt-4.1';
const hook = { secret: `whsec_${randomBytes(24).toString('base64')}`, signature: randomUUID() };

let world: World;
let mcp: TestMcpServer;
let day: BusyDay;
beforeAll(async () => {
  [world, mcp] = await Promise.all([
    startWorld({
      environment: {
        AUTH_MODE: 'entra',
        DOCUMENTS_OWNER: '*',
        // Nobody listens there: what is logged of a webhook that is not taken is looked at, too.
        WEBHOOK_URL: `http://127.0.0.1:9/hooks?sig=${hook.signature}`,
        WEBHOOK_SECRETS: hook.secret,
        AzureFunctionsJobHost__logging__logLevel__default: 'Trace',
      },
    }),
    startMcpServer(),
  ]);
  day = new BusyDay(world, mcp, await orderToken(world.endpoints.identity, { caller: 'alice' }));
  day.secrets.watch('address of the webhook', hook.signature);
  day.secrets.watch('secret of the webhook', hook.secret.slice('whsec_'.length));
  await day.live();
}, 120_000);
afterAll(async () => {
  await world.stop();
  await mcp.stop();
});

describe('after a busy day', () => {
  const everything = (text: string): string[] => [...day.content.in(text), ...day.secrets.in(text)];
  const quoted = (text: string): string[] => day.quoted.in(text);

  it('the canaries can be found where they belong', async () => {
    const found = new Set((await records(world)).flatMap((record) => day.content.in(record)));
    for (const where of ['prompt', 'instructions', 'metadata', 'second turn', 'background', 'job']) {
      expect([...found]).toContain(where);
    }
    expect(mcp.seen.some(({ authorization }) => day.secrets.in(authorization ?? '').length > 0)).toBe(true);
    expect(day.errors.length).toBeGreaterThan(25);
    // A refusal tells its caller what was wrong with it, in the service's own words.
    const told = new Set(day.errors.flatMap(quoted));
    expect([...told]).toEqual(expect.arrayContaining(['refusal', 'refused run', 'unknown response', 'unknown parent']));
  });

  it('no line of any log holds one', () => {
    const lines = `${world.output()}\n${world.errors()}`.split('\n');
    expect(lines.filter((line) => line.includes('answered')).length).toBeGreaterThan(30);
    expect(lines.filter((line) => [...everything(line), ...quoted(line)].length > 0)).toEqual([]);
    expect(lines.filter((line) => line.includes('webhook-failed')).length).toBeGreaterThan(0);
  });

  it('no error repeats what was sent', () => {
    expect(day.errors.flatMap(everything)).toEqual([]);
  });

  it('no orchestration has kept any', async () => {
    const histories = await durableHistories(world);
    expect(histories.length).toBeGreaterThan(4);
    expect(histories.flatMap((history) => [...everything(history), ...quoted(history)])).toEqual([]);
  });

  it('no record and no blob holds a secret', async () => {
    const kept = [...(await records(world)), ...(await blobs(world, ['payloads', 'events', 'images', 'analyses']))];
    expect(kept.length).toBeGreaterThan(20);
    expect(kept.flatMap((each) => day.secrets.in(each))).toEqual([]);
  });

  it('no answer shows a secret to its own caller', async () => {
    const { data } = await list();
    const texts = await Promise.all(
      data.flatMap(({ id }) =>
        ['', '/input_items'].map((part) => day.send(`/openai/v1/responses/${id}${part}`, { method: 'GET' })),
      ),
    );
    expect(texts.flatMap((each) => day.secrets.in(each))).toEqual([]);
  });
});

async function list(): Promise<{ data: { id: string }[] }> {
  const text = await day.send('/openai/v1/responses?limit=100', { method: 'GET' });
  return { data: [...new Set(text.match(/resp_[0-9a-f]{48}/g) ?? [])].map((id) => ({ id })) };
}

it('another caller sees nothing of all this', async () => {
  const bob = await orderToken(world.endpoints.identity, { caller: 'bob', version: '1.0' });
  expect(await day.send('/openai/v1/responses', { method: 'GET', as: bob })).toContain('"data":[]');
  const id = (await list()).data[0]?.id ?? randomUUID();
  expect(await day.send(`/openai/v1/responses/${id}`, { method: 'GET', as: bob })).toContain('not_found');
});

it('what was dropped for everybody can be read and continued by every caller, and changed by none', async () => {
  const as = await orderToken(world.endpoints.identity, { caller: 'logic-app' });
  const found = await day.send('/documents?state=completed', { method: 'GET', as });
  const document = /[0-9a-f]{64}/.exec(found)?.[0] ?? '';
  const response = idIn(found);
  expect(await day.send(`/openai/v1/responses/${response}`, { method: 'GET', as })).toContain('"status":"completed"');
  const asked = { model, input: 'And now?', previous_response_id: response };
  const next = idIn(await day.send('/openai/v1/responses', { body: asked, as }));
  expect(next).not.toBe('');
  expect(await day.send(`/openai/v1/responses/${next}`, { method: 'GET' })).toContain('not_found');
  expect(await day.send(`/openai/v1/responses/${response}/input_items`, { method: 'GET', as })).toContain('input_file');
  for (const [method, path] of [
    ['POST', `/documents/${document}/replay`],
    ['POST', `/documents/${document}/cancel`],
    ['POST', `/openai/v1/responses/${response}/cancel`],
    ['DELETE', `/openai/v1/responses/${response}`],
    ['DELETE', `/openai/v1/responses/${response}?cascade=true`],
  ] as const) {
    expect({ path, answer: await day.send(path, { method, as }) }).toEqual({
      path,
      answer: expect.stringContaining('"code":"forbidden"'),
    });
  }
  // Of the chain a caller takes away its own turns.
  const gone = await day.send(`/chains/${response.slice(5, 29)}`, { method: 'DELETE', as });
  expect(gone).toContain(`"responses":["${next}"]`);
  expect(await day.send(`/openai/v1/responses/${response}`, { method: 'GET', as })).toContain('"status":"completed"');
});
