import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { newCaller } from '../support/world.ts';
import { registeredRoutes, type RegisteredRoute } from '../support/routes.ts';

const endpoints = inject('endpoints');

/** The methods of the SDK behind a client. A route that is neither here nor below must stand in a test by its address. */
const BY_SDK: Readonly<Record<string, string>> = {
  createResponse: 'responses.create(',
  retrieveResponse: 'responses.retrieve(',
  deleteResponse: 'responses.delete(',
  cancelResponse: 'responses.cancel(',
  listInputItems: 'responses.inputItems.list(',
  compactResponse: 'responses.compact(',
  countInputTokens: 'responses.inputTokens.count(',
  uploadFile: 'files.create(',
  listFiles: 'files.list(',
  retrieveFile: 'files.retrieve(',
  getFileContent: 'files.content(',
  deleteFile: 'files.delete(',
  createContainer: 'containers.create(',
  listContainers: 'containers.list(',
  retrieveContainer: 'containers.retrieve(',
  deleteContainer: 'containers.delete(',
  createContainerFile: 'containers.files.create(',
  listContainerFiles: 'containers.files.list(',
  retrieveContainerFile: 'containers.files.retrieve(',
  getContainerFileContent: 'containers.files.content.retrieve(',
  deleteContainerFile: 'containers.files.delete(',
  listModels: 'models.list(',
  retrieveModel: 'models.retrieve(',
};

/** Routes whose address a test gets from an answer or puts together. */
const BY_TEXT: Readonly<Record<string, string>> = {
  cancelDocument: "'cancel')",
  listChains: '/chains',
  openapi: 'openapi.json',
  getImage: 'result_url',
  wrongAddress: '/openai/v1/conversations',
  baseWithoutOpenai: '/v1/models',
  baseWithoutPath: "'/responses/x'",
};

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** The address as a test writes it: with a value or a template in the place of a parameter. */
function addressOf({ path }: RegisteredRoute): RegExp {
  const segments = path.replace(/^openai(\/v1)?\//, '').split('/');
  const pattern = segments.map((segment) => (segment.startsWith('{') ? '[^/\'"`\\s]+' : escape(segment)));
  return new RegExp(`/${pattern.join('/')}(?=[?'"\`\\s])`);
}

function isCalled(route: RegisteredRoute, tests: string): boolean {
  const name = route.name.replace(/Dated$/, '');
  const method = BY_SDK[name];
  // `client.files.list(` and not `client.containers.files.list(`.
  if (method !== undefined) return new RegExp(`(?<![\\w.])\\w+\\.${escape(method)}`).test(tests);
  const text = BY_TEXT[name];
  return text === undefined ? addressOf(route).test(tests) : tests.includes(text);
}

async function contractTests(): Promise<string> {
  const names = await readdir('test/contract', { recursive: true });
  const files = names.filter((name) => name.endsWith('.test.ts'));
  return (await Promise.all(files.map((name) => readFile(join('test/contract', name), 'utf8')))).join('\n');
}

it('every route of the app is called by a contract test', async () => {
  const routes = await registeredRoutes(endpoints);
  expect(routes.length).toBeGreaterThan(30);
  const tests = await contractTests();
  const untested = routes.filter((route) => !isCalled(route, tests));
  expect(untested.map(({ name, method, path }) => `${name}: ${method} /${path}`)).toEqual([]);
});

it('the gateway says that it is up, to anybody, and nothing else', async () => {
  const answer = await fetch(`${endpoints.gateway}/health`);
  expect([answer.status, await answer.json()]).toEqual([200, { status: 'ok' }]);
});

it('a caller without a webhook has nothing that could not be delivered', async () => {
  const headers = { 'api-key': newCaller(endpoints).key };
  const list = await fetch(`${endpoints.gateway}/webhooks/deliveries`, { headers });
  expect(await list.json()).toMatchObject({ object: 'list', data: [] });
  const address = `${endpoints.gateway}/webhooks/deliveries/evt_none/replay`;
  expect((await fetch(address, { method: 'POST', headers })).status).toBe(404);
});
