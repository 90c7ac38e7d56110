import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { newOwner, newStrangeIds, type Belongings } from '../../support/belongings.ts';
import { steer } from '../../support/simulator.ts';

/**
 * One identity stands behind all callers at the service, so an id in a body that got through would open what is somebody else's.
 * Each place where a body can name something, on each route that takes such a body, by each alias.
 */

const endpoints = inject('endpoints');

type Ids = Omit<Belongings, 'key'>;
type Body = Record<string, unknown>;

const text = (words: string): unknown => ({ role: 'user', content: [{ type: 'input_text', text: words }] });
const said = (words: string, ...parts: unknown[]): unknown => ({
  role: 'user',
  content: [{ type: 'input_text', text: words }, ...parts],
});
const call = { type: 'function_call', call_id: 'call_1', name: 'f', arguments: '{}' };
const interpreter = { type: 'code_interpreter', container: { type: 'auto' } };

/** How each place is filled. `words` is the prompt, which tells the simulator's requests apart. */
const PLACES: Readonly<Record<string, (ids: Ids, words: string) => Body>> = {
  previous_response_id: (ids, words) => ({ input: words, previous_response_id: ids.response }),
  item_reference: (ids, words) => ({ input: [text(words), { type: 'item_reference', id: ids.message }] }),
  'item_reference without a type': (ids, words) => ({ input: [text(words), { id: ids.message }] }),
  'image call by its id': (ids, words) => ({ input: [text(words), { type: 'image_generation_call', id: ids.image }] }),
  'reasoning by its id': (ids, words) => ({
    input: [{ type: 'reasoning', id: ids.reasoning, summary: [] }, text(words)],
  }),
  input_file: (ids, words) => ({ input: [said(words, { type: 'input_file', file_id: ids.file })] }),
  input_image: (ids, words) => ({ input: [said(words, { type: 'input_image', file_id: ids.picture })] }),
  'file in the output of a function': (ids, words) => ({
    input: [
      text(words),
      call,
      { type: 'function_call_output', call_id: 'call_1', output: [{ type: 'input_file', file_id: ids.file }] },
    ],
  }),
  screenshot: (ids, words) => ({
    input: [
      text(words),
      { type: 'computer_call_output', call_id: 'c', output: { type: 'computer_screenshot', file_id: ids.picture } },
    ],
  }),
  container: (ids, words) => ({ input: words, tools: [{ type: 'code_interpreter', container: ids.container }] }),
  'container object': (ids, words) => ({
    input: words,
    tools: [{ type: 'code_interpreter', container: { type: 'container_reference', container_id: ids.container } }],
  }),
  'files of a container': (ids, words) => ({
    input: words,
    tools: [{ type: 'code_interpreter', container: { type: 'auto', file_ids: [ids.file] } }],
  }),
  'container of a replayed call': (ids, words) => ({
    input: [
      { type: 'code_interpreter_call', id: 'ci_1', code: '1', container_id: ids.container, status: 'completed' },
      text(words),
    ],
    tools: [interpreter],
  }),
  'container of a shell': (ids, words) => ({
    input: words,
    tools: [{ type: 'shell', environment: { type: 'container_reference', container_id: ids.container } }],
  }),
  'files of a shell': (ids, words) => ({
    input: words,
    tools: [{ type: 'shell', environment: { type: 'container_auto', file_ids: [ids.file] } }],
  }),
  'image mask': (ids, words) => ({
    input: words,
    tools: [{ type: 'image_generation', input_image_mask: { file_id: ids.picture } }],
  }),
  'vector store': (ids, words) => ({
    input: words,
    tools: [{ type: 'file_search', vector_store_ids: [`vs_${ids.chain}`] }],
  }),
  'tools inside a tool': (ids, words) => ({
    input: words,
    tools: [{ type: 'namespace', name: 'n', tools: [{ type: 'code_interpreter', container: ids.container }] }],
  }),
  'file in a field nobody knows': (ids, words) => ({ input: words, attachments: [{ file_id: ids.file }] }),
  'files in such a field': (ids, words) => ({ input: words, workspace: { file_ids: [ids.picture] } }),
  'container in such a field': (ids, words) => ({ input: words, workspace: { container_id: ids.container } }),
  'file in an item nobody knows': (ids, words) => ({
    input: [text(words), { type: 'new_call', attachments: [{ file_id: ids.file }] }],
  }),
  'container in an item nobody knows': (ids, words) => ({
    input: [text(words), { type: 'new_call', workspace: { container_id: ids.container } }],
  }),
  'a part that stands alone': (ids, words) => ({ input: [text(words), { type: 'input_image', file_id: ids.picture }] }),
  'tools that an item brings': (ids, words) => ({
    input: [{ type: 'additional_tools', tools: [{ type: 'code_interpreter', container: ids.container }] }, text(words)],
  }),
};

interface Form {
  name: string;
  path: string;
  extra?: Body;
  headers?: Record<string, string>;
}

/** The forms in which a body is sent. */
const FORMS: readonly Form[] = [
  { name: 'create', path: '/openai/v1/responses' },
  { name: 'create, dated address', path: '/openai/responses?api-version=2025-04-01-preview' },
  { name: 'stream', path: '/openai/v1/responses', extra: { stream: true } },
  { name: 'background', path: '/openai/v1/responses', extra: { background: true } },
  { name: 'background stream', path: '/openai/v1/responses', extra: { background: true, stream: true } },
  { name: 'respond-async', path: '/openai/v1/responses', headers: { prefer: 'respond-async' } },
  { name: 'once', path: '/openai/v1/responses', headers: { 'idempotency-key': randomUUID() } },
  { name: 'compact', path: '/openai/v1/responses/compact' },
  { name: 'compact, dated address', path: '/openai/responses/compact' },
  { name: 'input_tokens', path: '/openai/v1/responses/input_tokens' },
  { name: 'input_tokens, dated address', path: '/openai/responses/input_tokens' },
];

let owner: Belongings;
let stranger: Belongings;
beforeAll(async () => {
  [owner, stranger] = await Promise.all([newOwner(endpoints), newOwner(endpoints)]);
}, 60_000);

const refusal = z.object({
  error: z.object({ message: z.string(), code: z.string(), type: z.string(), param: z.string().nullable() }),
});

interface Sent {
  path: string;
  body: Body;
  headers?: Record<string, string>;
}

const send = (key: string, { path, body, headers }: Sent): Promise<Response> =>
  fetch(`${endpoints.gateway}${path}`, {
    method: 'POST',
    headers: { 'api-key': key, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'gpt-4.1', ...body }),
  });

describe.each(FORMS)('in $name', ({ path, extra, headers = {} }) => {
  it.each(Object.entries(PLACES))(
    '%s: a foreign id is an unknown one, and the service sees neither',
    async (_place, fillIn) => {
      const azure = steer(endpoints);
      const strange = newStrangeIds();
      const answers = await Promise.all(
        [owner, strange].map(async (ids) => {
          const again = headers['idempotency-key'] === undefined ? headers : { 'idempotency-key': randomUUID() };
          const body: Body = { ...fillIn(ids, azure.marker), ...extra };
          const answer = await send(stranger.key, { path, body, headers: again });
          const { error } = refusal.parse(await answer.json());
          const named = Object.values(ids).find(
            (id) => error.message.includes(`'${id}'`) || error.message.includes(`vs_${id}`),
          );
          // The field in which it stands.
          expect(JSON.stringify(body[error.param ?? ''])).toContain(named ?? '(none)');
          return { status: answer.status, ...error, message: error.message.replace(named ?? '', '<id>') };
        }),
      );
      expect(answers[0]).toEqual(answers[1]);
      expect(answers[0]?.status).toBe(400);
      expect((await azure.counts()).received).toEqual({});
    },
  );
});

describe('the ids are real', () => {
  /** What the simulator does not know, or nobody can own. */
  const NOT_HERE = new Set([
    'vector store',
    'container object',
    'container of a shell',
    'files of a shell',
    'screenshot',
    'tools inside a tool',
    'tools that an item brings',
    'file in an item nobody knows',
    'container in an item nobody knows',
    'a part that stands alone',
  ]);

  it.each(Object.entries(PLACES).filter(([place]) => !NOT_HERE.has(place)))(
    '%s: their owner may',
    async (place, fillIn) => {
      const model = place.startsWith('reasoning') ? 'o4-mini' : 'gpt-4.1';
      const answer = await send(owner.key, {
        path: '/openai/v1/responses',
        body: { model, ...fillIn(owner, 'Say hello') },
      });
      expect({ status: answer.status, text: answer.ok ? '' : await answer.text() }).toEqual({ status: 200, text: '' });
    },
  );
});

describe('elsewhere', () => {
  it.each([
    ['a file put into a new container', '/openai/v1/containers', (ids: Ids) => ({ name: 'c', file_ids: [ids.file] })],
    ['a file put into an own container', '/openai/v1/containers/{own}/files', (ids: Ids) => ({ file_id: ids.file })],
  ])('%s: a foreign id is an unknown one', async (_what, address, fillIn) => {
    const path = address.replace('{own}', stranger.container);
    const strange = newStrangeIds();
    const [foreign, unknown] = await Promise.all(
      [owner, strange].map(async (ids) => {
        const answer = await send(stranger.key, { path, body: fillIn(ids) });
        return { status: answer.status, body: (await answer.text()).replace(ids.file, '<id>') };
      }),
    );
    expect(foreign).toEqual(unknown);
    expect([400, 404]).toContain(foreign?.status);
  });

  it.each(['conversation', 'prompt'])('a %s, which nobody owns, is refused on every route', async (name) => {
    for (const { path, extra, headers } of FORMS) {
      const body = { input: 'Say hello', [name]: name === 'prompt' ? { id: 'pmpt_1' } : 'conv_1', ...extra };
      const answer = await send(stranger.key, { path, body, headers });
      const { error } = refusal.parse(await answer.json());
      expect({ path, code: error.code, param: error.param }).toEqual({
        path,
        code: 'unsupported_parameter',
        param: name,
      });
    }
  });

  it('an idempotency key of one caller means nothing to another', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const body = { input: 'Say hello' };
    const made = z.looseObject({ id: z.string() });
    const create = async (key: string): Promise<string> =>
      made.parse(await (await send(key, { path: '/openai/v1/responses', body, headers })).json()).id;
    const [first, foreign] = [await create(owner.key), await create(stranger.key)];
    expect(foreign).not.toBe(first);
    expect(await create(owner.key)).toBe(first);
  });
});
