import type { Call, Outcome } from '../http/call.ts';
import { methodNotAllowed, notSimulated, pathNotFound } from '../refusals.ts';
import type { Service } from '../service.ts';
import { cancel } from './cancel.ts';
import { compact } from './compact.ts';
import {
  containerFileContent,
  createContainerFile,
  deleteContainerFile,
  listContainerFiles,
  retrieveContainerFile,
} from './container-files.ts';
import { createContainer, deleteContainer, listContainers, retrieveContainer } from './containers.ts';
import { countTokens } from './count-tokens.ts';
import { create } from './create.ts';
import { createFile, deleteFile, fileContent, listFiles, retrieveFile } from './files.ts';
import { listInputItems } from './input-items.ts';
import { list } from './list.ts';
import { listModels, retrieveModel } from './models.ts';
import { remove } from './remove.ts';
import { retrieve } from './retrieve.ts';

type Run = (service: Service, call: Call) => Outcome | Promise<Outcome>;

export interface Route {
  operation: string;
  method: string;
  /** Steps of the path below `/openai/v1`; `*` takes any id. */
  steps: readonly string[];
  run: Run;
}

const route = (operation: string, method: string, path: string, run: Run): Route => ({
  operation,
  method,
  steps: path.split('/'),
  run,
});

/** Everything that the simulator does; a path that could be an id comes after the fixed ones. */
const ROUTES: readonly Route[] = [
  route('create', 'POST', 'responses', create),
  route('list', 'GET', 'responses', list),
  route('compact', 'POST', 'responses/compact', compact),
  route('input_tokens', 'POST', 'responses/input_tokens', countTokens),
  route('retrieve', 'GET', 'responses/*', retrieve),
  route('delete', 'DELETE', 'responses/*', remove),
  route('cancel', 'POST', 'responses/*/cancel', cancel),
  route('input_items', 'GET', 'responses/*/input_items', listInputItems),
  route('files.create', 'POST', 'files', createFile),
  route('files.list', 'GET', 'files', listFiles),
  route('files.retrieve', 'GET', 'files/*', retrieveFile),
  route('files.content', 'GET', 'files/*/content', fileContent),
  route('files.delete', 'DELETE', 'files/*', deleteFile),
  route('containers.create', 'POST', 'containers', createContainer),
  route('containers.list', 'GET', 'containers', listContainers),
  route('containers.retrieve', 'GET', 'containers/*', retrieveContainer),
  route('containers.delete', 'DELETE', 'containers/*', deleteContainer),
  route('containers.files.create', 'POST', 'containers/*/files', createContainerFile),
  route('containers.files.list', 'GET', 'containers/*/files', listContainerFiles),
  route('containers.files.retrieve', 'GET', 'containers/*/files/*', retrieveContainerFile),
  route('containers.files.content', 'GET', 'containers/*/files/*/content', containerFileContent),
  route('containers.files.delete', 'DELETE', 'containers/*/files/*', deleteContainerFile),
  route('models.list', 'GET', 'models', listModels),
  route('models.retrieve', 'GET', 'models/*', retrieveModel),
];

/** Azure OpenAI has these; the simulator says that it does not. */
const NOT_SIMULATED = new Set([
  'chat',
  'completions',
  'embeddings',
  'images',
  'audio',
  'batches',
  'conversations',
  'deployments',
  'evals',
  'fine_tuning',
  'realtime',
  'threads',
  'uploads',
  'vector_stores',
  'videos',
]);

/** @throws Refusal 404, 405 or 501 when there is nothing at that path. */
export function routeFor(method: string, steps: readonly string[]): { route: Route; params: string[] } {
  const here = ROUTES.filter((candidate) => matches(candidate.steps, steps));
  const found = here.find((candidate) => candidate.method === method);
  if (found) return { route: found, params: steps.filter((_, index) => found.steps[index] === '*') };
  const first = steps[0] ?? '';
  if (NOT_SIMULATED.has(first)) throw notSimulated(`/${steps.slice(0, 2).join('/')}`);
  throw here.length > 0 ? methodNotAllowed(method) : pathNotFound();
}

const matches = (pattern: readonly string[], steps: readonly string[]): boolean =>
  pattern.length === steps.length && pattern.every((step, index) => step === '*' || step === steps[index]);
