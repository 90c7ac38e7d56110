import fc from 'fast-check';
import { describe, expect, inject, it } from 'vitest';
import { Description } from '../../support/answers/description.ts';
import { fromSchema } from '../../support/from-schema.ts';
import { hostileCaller, nasty, neverFails, RUNS, SLOW, stillAnswers } from '../../support/hostile.ts';
import { newCaller } from '../../support/world.ts';

/** Anything in JSON bodies. */

const endpoints = inject('endpoints');
const caller = hostileCaller(endpoints, newCaller(endpoints).key);

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
            await neverFails(caller.post(path, asText(changed)));
            await neverFails(caller.post(path, asText(deep)));
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
            await neverFails(caller.post(path, Buffer.from(body)));
          },
        ),
        RUNS,
      );
    },
    SLOW,
  );

  it(
    'as docs/openapi.yaml describes them, and almost',
    async () => {
      const says = new Description();
      const described = says.operations.flatMap((operation) => {
        const schema = says.requestOf(operation);
        return schema === undefined ? [] : [{ operation, ...fromSchema(schema, (pointer) => says.at(pointer)) }];
      });
      expect(described.length).toBeGreaterThan(3);
      for (const { operation, sound: asDescribed, almost } of described) {
        const path = operation.path.replace(/\{\w+\}/g, 'cntr_1');
        // The generator keeps what it promises: what it makes is what the description takes.
        fc.assert(
          fc.property(asDescribed, (body) => {
            expect(says.faultsOfRequest(operation, body)).toEqual([]);
          }),
          RUNS,
        );
        await fc.assert(
          fc.asyncProperty(fc.oneof(asDescribed, almost), async (body) => {
            await neverFails(caller.post(path, asText(body)));
          }),
          { ...RUNS, numRuns: 50 },
        );
      }
    },
    SLOW,
  );
});

it('after all this the same process still answers', () => stillAnswers(endpoints, caller));
