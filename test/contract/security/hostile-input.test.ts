import { request } from 'node:http';
import fc from 'fast-check';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { newOwner, type Belongings } from '../../support/belongings.ts';
import { fill, registeredRoutes } from '../../support/routes.ts';

/** Whatever comes in, somebody gets an answer, and it is never the gateway's own failure. */

const endpoints = inject('endpoints');
const routes = await registeredRoutes(endpoints);

/** Nothing here takes the service long; whatever does is a hang. */
const PATIENCE_MS = 10_000;
const RUNS: fc.Parameters<unknown> = { numRuns: 80, seed: 20_260_101 };
const SLOW = 60_000;

let caller: Belongings;
beforeAll(async () => {
  caller = await newOwner(endpoints);
}, SLOW);

interface Sent {
  method?: string;
  path: string;
  headers?: Record<string, string>;
  body?: Buffer | string;
}

/** Below `fetch`, which would mend addresses and refuse headers. Gives the status; 0 when the connection was closed on us. */
function send({ method = 'GET', path, headers = {}, body }: Sent): Promise<number> {
  const { hostname, port } = new URL(endpoints.gateway);
  return new Promise((resolve, reject) => {
    const call = request({ hostname, port, method, path, headers: { 'api-key': caller.key, ...headers } }, (answer) => {
      answer.resume().once('close', () => resolve(answer.statusCode ?? 0));
    });
    call.setTimeout(PATIENCE_MS, () => call.destroy(new Error(`No answer to ${method} ${path}`)));
    call.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET' || error.code === 'EPIPE') resolve(0);
      else reject(error);
    });
    call.end(body);
  });
}

const post = (path: string, body: string, headers: Record<string, string> = {}): Promise<number> =>
  send({ method: 'POST', path, body, headers: { 'content-type': 'application/json', ...headers } });

/** What the service itself stumbles over is its fault, and told as such. */
const SERVICE_FAILED = 502;

async function neverFails(status: Promise<number>): Promise<void> {
  const found = await status;
  if (found !== SERVICE_FAILED) expect(found).toBeLessThan(500);
}

/** Text as an attacker writes it: names of the platform's own, separators, escapes, other alphabets, control characters. */
const nasty = fc.oneof(
  fc.constantFrom(
    '..',
    '../..',
    '%2e%2e%2f',
    '%',
    '%zz',
    '%00',
    '%ff',
    '*',
    "' OR 1=1 --",
    '"',
    '\\',
    '?',
    '#',
    'a/b',
    '{}',
    '[]',
    'null',
    '__proto__',
    'constructor',
    'resp_',
    `resp_${'0'.repeat(48)}`,
    `resp_${'f'.repeat(47)}g`,
    'input_tokens',
    'compact',
    '-1',
    '1e999',
    'NaN',
    '𝒳',
    '\u202e',
    '\ud800',
    'x'.repeat(3_000),
  ),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
);

describe('addresses', () => {
  const withIds = routes.filter(({ params, method }) => params.length > 0 && method !== 'PATCH' && method !== 'PUT');

  it(
    'of every route, with anything in the place of ids',
    async () => {
      const cases = fc.tuple(fc.constantFrom(...withIds), fc.array(nasty, { minLength: 2, maxLength: 2 }));
      await fc.assert(
        fc.asyncProperty(cases, async ([route, values]) => {
          const named = Object.fromEntries(
            route.params.map((name, index) => [name, (values[index] ?? '').toWellFormed()]),
          );
          await neverFails(send({ method: route.method, path: fill(route.path, named) }));
        }),
        { ...RUNS, numRuns: 200 },
      );
    },
    SLOW,
  );

  it(
    'that are not even escaped',
    async () => {
      const bytes = fc.string({ unit: fc.constantFrom(...'%./\\;:?&=#+~!$\'"<>|^`{}[]az09'.split('')), maxLength: 80 });
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom('/', '/openai/v1/', '/openai/v1/responses/', '/openai/files/', '/jobs/', '//'),
          bytes,
          async (base, rest) => {
            await neverFails(send({ path: base + rest }));
          },
        ),
        RUNS,
      );
    },
    SLOW,
  );

  it(
    'with anything in their queries',
    async () => {
      const lists = routes.filter(({ method, params }) => method === 'GET' && params.length === 0);
      const names = fc.constantFrom(
        'limit',
        'order',
        'after',
        'before',
        'purpose',
        'images',
        'path',
        'state',
        'include',
        'include[]',
        'stream',
        'starting_after',
        'token',
        'x',
      );
      const query = fc.array(fc.tuple(names, nasty), { maxLength: 4 });
      const single = `openai/v1/responses/${caller.response}`;
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...lists.map(({ path }) => path), single, `${single}/input_items`),
          query,
          async (path, pairs) => {
            const text = new URLSearchParams(
              pairs.map(([name, value]): [string, string] => [name, value.toWellFormed()]),
            ).toString();
            await neverFails(send({ path: `/${path}?${text}` }));
          },
        ),
        { ...RUNS, numRuns: 150 },
      );
    },
    SLOW,
  );
});

describe('headers', () => {
  it(
    'with anything in them',
    async () => {
      const name = fc.constantFrom(
        'authorization',
        'api-key',
        'x-request-id',
        'x-ms-client-request-id',
        'traceparent',
        'idempotency-key',
        'prefer',
        'content-type',
        'accept',
        'range',
        'if-none-match',
        'x-ms-client-principal',
        'x-ms-oai-image-generation-deployment',
        'x-forwarded-host',
        'x-forwarded-for',
        'cookie',
      );
      const value = fc.string({
        unit: fc.integer({ min: 0x20, max: 0xfe }).map((code) => String.fromCharCode(code === 0x7f ? 0xff : code)),
        maxLength: 300,
      });
      await fc.assert(
        fc.asyncProperty(fc.dictionary(name, value, { maxKeys: 4 }), async (headers) => {
          await neverFails(post('/openai/v1/responses', JSON.stringify({ model: 'gpt-4.1', input: 'Hi' }), headers));
        }),
        RUNS,
      );
    },
    SLOW,
  );
});

/** A body of the API, with a mutation or two somewhere in it. */
const sound = {
  model: 'gpt-4.1',
  input: [
    { role: 'user', content: [{ type: 'input_text', text: 'Hi' }] },
    { type: 'function_call', call_id: 'call_1', name: 'f', arguments: '{}' },
    { type: 'function_call_output', call_id: 'call_1', output: 'done' },
    { type: 'item_reference', id: 'msg_1' },
  ],
  instructions: 'Be brief.',
  metadata: { a: 'b' },
  tools: [
    { type: 'function', name: 'f', parameters: { type: 'object', properties: {} } },
    { type: 'code_interpreter', container: { type: 'auto', file_ids: [] } },
    { type: 'mcp', server_label: 'm', server_url: 'http://127.0.0.1:9/', headers: { a: 'b' } },
    { type: 'image_generation', input_image_mask: { file_id: 'file-1' } },
    { type: 'file_search', vector_store_ids: ['vs_1'] },
  ],
  previous_response_id: null,
  include: [],
  text: { format: { type: 'json_schema', name: 'n', schema: { type: 'object' } } },
  reasoning: { effort: 'low' },
  stream: false,
  background: false,
  store: true,
  temperature: 1,
  max_output_tokens: 100,
  context_management: [{ type: 'compaction', compact_threshold: 1_000 }],
};

type Mutation = readonly [path: number[], value: unknown];
const mutation: fc.Arbitrary<Mutation> = fc.tuple(
  fc.array(fc.nat(40), { minLength: 1, maxLength: 5 }),
  fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    nasty,
    fc.constantFrom(undefined, null, true, -1, 1e308, '', [], {}, [null], { __proto__: 1 }, [[[]]], { id: 1 }),
  ),
);

/** Replaces (or, with undefined, removes) what a path of positions leads to. */
function mutate(value: unknown, [path, put]: Mutation): unknown {
  const [at = 0, ...rest] = path;
  if (value === null || typeof value !== 'object') return put;
  const keys = Object.keys(value);
  const key = keys[at % (keys.length + 1)];
  if (key === undefined) return put;
  const entries = Object.entries(value).map(([name, child]: [string, unknown]) =>
    name === key ? [name, rest.length === 0 ? put : mutate(child, [rest, put])] : [name, child],
  );
  const changed = Object.fromEntries(entries.filter(([, child]) => child !== undefined)) as Record<string, unknown>;
  return Array.isArray(value) ? Object.values(changed) : changed;
}

const asText = (body: unknown): string => (body === undefined ? '' : JSON.stringify(body));

describe('bodies', () => {
  const json = [
    '/openai/v1/responses',
    '/openai/v1/responses/compact',
    '/openai/v1/responses/input_tokens',
    '/openai/v1/containers',
  ];

  it(
    'of the API with mutations, in every form of a create',
    async () => {
      const flags = fc.constantFrom({}, { stream: true }, { background: true }, { background: true, stream: true });
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...json),
          flags,
          fc.array(mutation, { minLength: 1, maxLength: 3 }),
          async (path, flag, mutations) => {
            const changed = mutations.reduce<unknown>(mutate, { ...sound, input: 'Hi', tools: [], ...flag });
            const deep = mutations.reduce<unknown>(mutate, sound);
            await neverFails(post(path, asText(changed)));
            await neverFails(post(path, asText(deep)));
          },
        ),
        { ...RUNS, numRuns: 120 },
      );
    },
    SLOW,
  );

  it(
    'that are no JSON, or no text at all',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...json),
          fc.oneof(
            fc.uint8Array({ maxLength: 200 }),
            fc.json().map((text) => Buffer.from(text)),
            fc.json().map((text) => Buffer.from(text.slice(0, -1))),
          ),
          async (path, body) => {
            await neverFails(
              send({ method: 'POST', path, body: Buffer.from(body), headers: { 'content-type': 'application/json' } }),
            );
          },
        ),
        RUNS,
      );
    },
    SLOW,
  );

  it(
    'of forms, cut anywhere and garbled',
    async () => {
      const form = [
        '--b',
        'content-disposition: form-data; name="purpose"',
        '',
        'assistants',
        '--b',
        'content-disposition: form-data; name="file"; filename="a.txt"',
        'content-type: text/plain',
        '',
        'content',
        '--b--',
        '',
      ].join('\r\n');
      const headers = { 'content-type': 'multipart/form-data; boundary=b' };
      const upload = (path: string, body: string, type = headers['content-type']): Promise<number> =>
        send({ method: 'POST', path, body, headers: { 'content-type': type } });
      for (let end = 0; end < form.length; end += 5) await neverFails(upload('/openai/v1/files', form.slice(0, end)));
      const garbled = fc.tuple(fc.nat(form.length), fc.string({ unit: 'binary-ascii', maxLength: 20 }));
      await fc.assert(
        fc.asyncProperty(
          garbled,
          fc.constantFrom('/openai/v1/files', `/openai/v1/containers/${caller.container}/files`),
          async ([at, text], path) => {
            await neverFails(upload(path, form.slice(0, at) + text + form.slice(at + text.length)));
          },
        ),
        { ...RUNS, numRuns: 40 },
      );
      for (const type of [
        'multipart/form-data',
        'multipart/form-data; boundary=',
        'multipart/mixed; boundary=b',
        'text/plain',
        'multipart/form-data; boundary="',
      ]) {
        await neverFails(upload('/openai/v1/files', form, type));
      }
    },
    SLOW,
  );
});

it('after all this the same process still answers', async () => {
  expect(process.kill(endpoints.hostPid ?? 0, 0)).toBe(true);
  expect(await send({ path: '/health' })).toBe(200);
  expect(await post('/openai/v1/responses', JSON.stringify({ model: 'gpt-4.1', input: 'Hi' }))).toBe(200);
});
