import { beforeAll, describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import {
  dropDocument,
  newOwner,
  newStrangeDocument,
  newStrangeIds,
  type Belongings,
} from '../../support/belongings.ts';
import { fill, registeredRoutes, type RegisteredRoute } from '../../support/routes.ts';
import { steer } from '../../support/simulator.ts';
import { newCaller, openDatabase } from '../../support/world.ts';

/**
 * Every registered route, at each place of its address and query where an id can stand, with somebody else's id: the answer is the
 * one for an id that nobody has, to the letter. The matrix is made from the routes that the running app has registered.
 */

const endpoints = inject('endpoints');

type Ids = Omit<Belongings, 'key'> & { document: string };

/** What stands in each parameter of an address. A route that is not here fails the first test. */
const PARAMETERS: Readonly<Record<string, readonly (keyof Ids)[]>> = {
  'responses/{}': ['response'],
  'responses/{}/input_items': ['response'],
  'responses/{}/cancel': ['run'],
  'responses/{}/images/{}': ['painting', 'image'],
  'files/{}': ['file'],
  'files/{}/content': ['file'],
  'containers/{}': ['container'],
  'containers/{}/files': ['container'],
  'containers/{}/files/{}': ['container', 'containerFile'],
  'containers/{}/files/{}/content': ['container', 'containerFile'],
  'chains/{}': ['chain'],
  'jobs/{}': ['run'],
  'documents/{}': ['document'],
  'documents/{}/replay': ['document'],
  'documents/{}/cancel': ['document'],
  'webhooks/deliveries/{}/replay': ['run'],
};

/** Lists take ids as cursors. */
const CURSORS: Readonly<Record<string, keyof Ids>> = {
  responses: 'response',
  'responses/{}/input_items': 'message',
  files: 'file',
  containers: 'container',
  'containers/{}/files': 'containerFile',
  chains: 'chain',
  documents: 'document',
  'webhooks/deliveries': 'run',
};

/** What belongs to nobody: nothing there can be somebody else's. Bodies are the other test's. */
const NOBODYS = new Set(['models', 'models/{}', '*', 'v1/*', 'responses/*', 'health', 'openapi.json']);
const BODIES = new Set([
  'responses',
  'responses/compact',
  'responses/input_tokens',
  'files',
  'containers',
  'containers/{}/files',
]);

/** Open to everybody: they tell nothing. */
const OPEN = new Set(['health', 'openapi.json']);

const shapeOf = ({ path }: RegisteredRoute): string =>
  path
    .replace(/^openai\/(v1\/)?/, '')
    .replace(/\{\*[^}]*\}/, '*')
    .replace(/\{[^}]*\}/g, '{}');

const routes = await registeredRoutes(endpoints);
const withIds = routes.filter((route) => PARAMETERS[shapeOf(route)] !== undefined);

let owner: Ids & { key: string };
let stranger: Belongings;
let calls: number;
beforeAll(async () => {
  const [made, other, document] = await Promise.all([
    newOwner(endpoints),
    newOwner(endpoints),
    dropDocument(endpoints),
  ]);
  owner = { ...made, document };
  stranger = other;
  calls = await callsAbout(owner);
}, 60_000);

interface Answer {
  status: number;
  body: string;
  headers: Record<string, string>;
}

async function ask(key: string | undefined, method: string, path: string): Promise<Answer> {
  const answer = await fetch(`${endpoints.gateway}${path}`, {
    method,
    headers: { ...(key === undefined ? {} : { 'api-key': key }), 'content-type': 'application/json' },
    // A body that is right, where one is needed: the id in the address is all that is wrong.
    body: method === 'POST' ? JSON.stringify({ file_id: stranger.file }) : undefined,
    redirect: 'manual',
  });
  return { status: answer.status, body: await answer.text(), headers: tellingHeaders(answer.headers) };
}

/** All but those that differ from one answer to the next anyway. */
function tellingHeaders(headers: Headers): Record<string, string> {
  const changing = ['date', 'x-request-id', 'x-ms-invocation-id', 'content-length'];
  return Object.fromEntries([...headers].filter(([name]) => !changing.includes(name)));
}

/** The values of a route's parameters, the last one taken from `ids` and those before it from `before`. */
function valuesOf(
  { params }: RegisteredRoute,
  kinds: readonly (keyof Ids)[],
  from: readonly Partial<Ids>[],
): Record<string, string> {
  return Object.fromEntries(params.map((name, index) => [name, from[index]?.[kinds[index] ?? 'response'] ?? '']));
}

/** Answers that differ in nothing but the ids that were asked for. */
function expectSame(
  foreign: Answer,
  ids: Record<string, string>,
  unknown: Answer,
  strange: Record<string, string>,
): void {
  let [theirs, nobodys] = [foreign.body, unknown.body];
  for (const name of Object.keys(ids)) {
    theirs = theirs.replaceAll(ids[name] ?? '', `<${name}>`);
    nobodys = nobodys.replaceAll(strange[name] ?? '', `<${name}>`);
  }
  expect({ ...foreign, body: theirs }).toEqual({ ...unknown, body: nobodys });
}

/**
 * How often the service was asked about something of the owner's, by the ids that things have there. (A file of a container is looked for
 * in a container of the asker's own.)
 */
async function callsAbout({ key, container, file, picture }: Ids & { key: string }): Promise<number> {
  const database = await openDatabase(endpoints);
  const ofOwner = {
    query: 'SELECT VALUE c.service.id FROM c WHERE c.owner = @key',
    parameters: [{ name: '@key', value: key }],
  };
  const { resources } = await database.container('chains').items.query<string>(ofOwner).fetchAll();
  const theirs = [...resources, container, file, picture];
  expect(theirs.length).toBeGreaterThan(6);
  const asked = await Promise.all(theirs.map((id) => steer(endpoints, id).requests()));
  return asked.flat().filter(({ path }) => theirs.some((id) => path.includes(id))).length;
}

it('knows every route of the app: a new one must say here whose its ids are', () => {
  const uncovered = routes.filter((route) => {
    const shape = shapeOf(route);
    if (NOBODYS.has(shape)) return false;
    const kinds = PARAMETERS[shape];
    if (route.params.length > 0) return kinds?.length !== route.params.length;
    return route.method === 'GET' ? CURSORS[shape] === undefined : !BODIES.has(shape);
  });
  expect(uncovered.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
  expect(routes.length).toBeGreaterThan(50);
});

it('opens nothing to a caller without a key, however it is spelled', async () => {
  const strange: Partial<Record<string, string>> = { id: owner.response };
  for (const route of routes.filter((each) => !OPEN.has(shapeOf(each)))) {
    const values = Object.fromEntries(route.params.map((name) => [name, strange[name] ?? 'x']));
    const path = fill(route.path, values);
    expect({ path, status: (await ask(undefined, route.method, path)).status }).toEqual({ path, status: 401 });
  }
});

describe('an id in the address', () => {
  const cases = withIds.flatMap((route) => {
    const kinds = PARAMETERS[shapeOf(route)] ?? [];
    return kinds.map((kind, position) => [route.method, route.path, kind, { route, kinds, position }] as const);
  });

  it.each(cases)('%s %s: a foreign %s is an unknown one', async (method, path, kind, { route, kinds, position }) => {
    const strange: Partial<Ids> = { ...newStrangeIds(), document: newStrangeDocument() };
    // Before the place that is tried stands what the stranger may name.
    const before = kinds.map((_kind, index): Partial<Ids> => (index < position ? stranger : owner));
    const foreign = valuesOf(route, kinds, before);
    const unknown = { ...valuesOf(route, kinds, before), [route.params[position] ?? '']: strange[kind] ?? '' };
    const theirs = await ask(stranger.key, method, fill(path, foreign));
    expectSame(theirs, foreign, await ask(stranger.key, method, fill(path, unknown)), unknown);
    expect(theirs.status).toBe(404);
  });

  it('asks the service nothing when it is foreign: not even the time that this takes tells it from an unknown one', async () => {
    expect(await callsAbout(owner)).toBe(calls);
  });

  it('is real: its owner gets an answer with each of them, after all that was tried', async () => {
    for (const route of withIds.filter(({ method }) => method === 'GET')) {
      const kinds = PARAMETERS[shapeOf(route)] ?? [];
      const path = fill(
        route.path,
        valuesOf(
          route,
          kinds,
          kinds.map(() => owner),
        ),
      );
      const key = kinds[0] === 'document' ? 'local' : owner.key;
      expect({ path, status: (await ask(key, 'GET', path)).status }).toEqual({ path, status: 200 });
    }
  });

  it.each(['/openai/v1', '/openai'])(
    'of a stream that can be resumed shows a stranger nothing either: %s',
    async (base) => {
      const strange = newStrangeIds().run;
      const ofRun = (id: string): string => `${base}/responses/${id}?stream=true&starting_after=0`;
      const foreign = await ask(stranger.key, 'GET', ofRun(owner.run));
      expectSame(foreign, { id: owner.run }, await ask(stranger.key, 'GET', ofRun(strange)), { id: strange });
      expect(foreign.status).toBe(404);
      expect((await ask(owner.key, 'GET', ofRun(owner.run))).body).toContain('response.completed');
    },
  );
});

describe('a cursor', () => {
  const lists = routes.filter((route) => route.method === 'GET' && CURSORS[shapeOf(route)] !== undefined);
  const cases = lists.flatMap((route) => ['after', 'before'].map((name) => [route.path, name, route] as const));

  it.each(cases)('%s?%s: a foreign one is an unknown one', async (path, name, route) => {
    const kind = CURSORS[shapeOf(route)] ?? 'response';
    const kinds = PARAMETERS[shapeOf(route)] ?? [];
    const address = fill(
      path,
      valuesOf(
        route,
        kinds,
        kinds.map(() => stranger),
      ),
    );
    const strange = kind === 'document' ? newStrangeDocument() : newStrangeIds()[kind];
    const foreign = await ask(stranger.key, 'GET', `${address}?${name}=${owner[kind]}`);
    const unknown = await ask(stranger.key, 'GET', `${address}?${name}=${strange}`);
    expectSame(foreign, { cursor: owner[kind] }, unknown, { cursor: strange });
    expect(foreign.body).not.toContain(owner.key);
  });

  it("and the name of a dropped file find nothing that is not the caller's", async () => {
    const { body } = await ask('local', 'GET', `/documents/${owner.document}`);
    const { source } = z.object({ source: z.object({ name: z.string() }) }).parse(JSON.parse(body));
    const named = (name: string): string => `/documents?path=${encodeURIComponent(name)}`;
    const theirs = await ask(stranger.key, 'GET', named(source.name));
    expectSame(theirs, {}, await ask(stranger.key, 'GET', named('no such file.pdf')), {});
    expect((await ask('local', 'GET', named(source.name))).body).toContain(owner.document);
  });

  it('shows a new caller empty lists', async () => {
    const { key } = newCaller(endpoints);
    for (const route of lists.filter(({ params }) => params.length === 0)) {
      const { status, body } = await ask(key, 'GET', fill(route.path, {}));
      expect({ path: route.path, status, data: body.includes('"data":[]') }).toEqual({
        path: route.path,
        status: 200,
        data: true,
      });
    }
  });
});
