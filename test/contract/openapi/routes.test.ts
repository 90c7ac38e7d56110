import { describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { Description } from '../../support/answers/description.ts';
import { registeredRoutes } from '../../support/routes.ts';

const endpoints = inject('endpoints');
const says = new Description();
const routes = await registeredRoutes(endpoints);

/** The dated form of the API's addresses, and what answers everything else: neither is described. */
const isAlias = (path: string): boolean =>
  path.endsWith('{*path}') || (path.startsWith('openai/') && !path.startsWith('openai/v1/'));

describe('docs/openapi.yaml', () => {
  it('describes every registered route and no other, under the name of its function', () => {
    const registered = routes.filter(({ path }) => !isAlias(path));
    expect(says.operations.map(({ id, method, path }) => `${id}: ${method} ${path}`).toSorted()).toEqual(
      registered.map(({ name, method, path }) => `${name}: ${method} /${path}`).toSorted(),
    );
  });

  it('is right to say that the API also answers under the dated form', () => {
    const dated = new Set(routes.filter(({ path }) => isAlias(path)).map(({ method, path }) => `${method} ${path}`));
    const missing = says.operations
      .filter(({ path }) => path.startsWith('/openai/v1/'))
      .filter(({ method, path }) => !dated.has(`${method} ${path.replace('/openai/v1/', 'openai/')}`));
    expect(missing.map(({ id }) => id)).toEqual([]);
  });

  it('declares each parameter of an address, and an error wherever somebody can be refused', () => {
    const open = ['health', 'openapi'];
    const wrong = says.operations.filter(
      ({ id, path, parameters, responses }) =>
        [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).join() !== parameters.join() ||
        responses.includes('default') === open.includes(id),
    );
    expect(wrong.map(({ id }) => id)).toEqual([]);
  });

  it('refers to nothing that it does not hold, and holds nothing that nobody refers to', () => {
    const referred = new Set(
      [...JSON.stringify(says.document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, pointer]) => pointer ?? ''),
    );
    expect([...referred].filter((pointer) => says.at(pointer) === undefined)).toEqual([]);
    const held = ['schemas', 'parameters', 'responses'].flatMap((kind) =>
      Object.keys(z.looseObject({}).parse(says.at(`#/components/${kind}`))).map(
        (name) => `#/components/${kind}/${name}`,
      ),
    );
    expect(held.filter((pointer) => !referred.has(pointer))).toEqual([]);
  });

  it('is served as it is, to anybody', async () => {
    const answer = await fetch(`${endpoints.gateway}/openapi.json`);
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(await answer.json()).toEqual(says.document);
  });
});
