import fc from 'fast-check';
import { describe, inject, it } from 'vitest';
import { nasty, neverFails, newHostileOwner, RUNS, SLOW, stillAnswers } from '../../support/hostile.ts';
import { fill, registeredRoutes } from '../../support/routes.ts';

/** Anything in addresses, queries and headers. */

const endpoints = inject('endpoints');
const routes = await registeredRoutes(endpoints);
const owner = await newHostileOwner(endpoints);

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
          await neverFails(owner.send({ method: route.method, path: fill(route.path, named) }));
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
            await neverFails(owner.send({ path: base + rest }));
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
      const single = `openai/v1/responses/${owner.belongings.response}`;
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...lists.map(({ path }) => path), single, `${single}/input_items`),
          query,
          async (path, pairs) => {
            const text = new URLSearchParams(
              pairs.map(([name, value]): [string, string] => [name, value.toWellFormed()]),
            ).toString();
            await neverFails(owner.send({ path: `/${path}?${text}` }));
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
          await neverFails(
            owner.post('/openai/v1/responses', JSON.stringify({ model: 'gpt-4.1', input: 'Hi' }), headers),
          );
        }),
        RUNS,
      );
    },
    SLOW,
  );

  it('more than any client sends', async () => {
    for (const [count, length] of [
      [20, 100],
      [200, 100],
      [2_000, 10],
      [1, 100_000],
    ] as const) {
      const many = Object.fromEntries(Array.from({ length: count }, (_, at) => [`x-many-${at}`, 'x'.repeat(length)]));
      await neverFails(owner.send({ path: '/openai/v1/responses', headers: many }));
    }
  });
});

it('after all this the same process still answers', () => stillAnswers(endpoints, owner));
