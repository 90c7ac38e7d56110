import { parentOf } from '../chains/access.ts';
import { bareEnvelope, QUEUED_DEFAULTS } from '../chains/envelope.ts';
import type { ChainRecord } from '../chains/record.ts';
import { hasSecrets, maskItem, maskTools } from '../chains/secrets.ts';
import type { ChainStore } from '../chains/store.ts';
import { GatewayError } from '../errors.ts';
import type { Clock } from '../platform/clock.ts';
import { chainOf, newChainId, newResponseId, sortKey } from '../platform/ids.ts';
import { isObject, type Item, type JsonObject } from '../upstream/wire.ts';
import { fileIdsIn } from './file-ids.ts';
import { isReference, type ResolveReferences } from './references.ts';
import { parseCreate, previewOf, type CreateRequest } from './request.ts';

/** A turn that has been checked and has an id, but has not been asked yet. */
export interface Turn {
  request: CreateRequest;
  parent?: ChainRecord;
  /** The record as it will be stored; `queued` and without output until the service has answered. */
  record: ChainRecord;
  /** The body for the service, but for the context (`previous_response_id` or a rebuilt `input`). */
  serviceBody: JsonObject;
  imageDeployment?: string;
  /** It carries secrets that are not kept, so it can only be submitted while its request is here. */
  secret: boolean;
}

export interface Caller {
  owner: string;
  requestId: string;
  traceparent?: string;
  /** Image deployment the caller chose by header. */
  imageDeployment?: string;
}

export interface PrepareDeps {
  store: ChainStore;
  clock: Clock;
  resolveReferences: ResolveReferences;
  allowedModels: readonly string[];
  images: { default?: string; allowed: readonly string[] };
  ttlSeconds: number;
}

export type Prepare = (caller: Caller, body: JsonObject, reserved?: string) => Promise<Turn>;

/** Checks a create request and gives it an id, the one that was reserved for it or a new one: all that happens before anything is paid. One read, when there is a parent. */
export function createPrepare(deps: PrepareDeps): Prepare {
  return async (caller, body, reserved) => {
    const request = parseCreate(body);
    refuseModel(deps.allowedModels, request.model);
    const imageDeployment = chooseImageDeployment(deps.images, request, caller.imageDeployment);
    const parent =
      request.previousResponseId === undefined
        ? undefined
        : await parentOf(deps.store, caller.owner, request.previousResponseId);
    const { body: serviceBody, referenced } = await deps.resolveReferences(caller.owner, request.body);
    const input = request.input.map((item, index) => referenced.get(index) ?? item);
    const chainId = parent?.chainId ?? chainOf(reserved ?? '') ?? newChainId();
    const id = reserved ?? newResponseId(chainId);
    const record = newRecord(deps, caller, { chainId, id, request, input, parent });
    return { request, parent, record, serviceBody, imageDeployment, secret: carriesSecrets(request) };
  };
}

function newRecord(
  deps: Pick<PrepareDeps, 'clock' | 'ttlSeconds'>,
  caller: Caller,
  turn: { chainId: string; id: string; request: CreateRequest; input: readonly Item[]; parent?: ChainRecord },
): ChainRecord {
  const { chainId, id, request, input, parent } = turn;
  const now = deps.clock.now();
  const createdAt = Math.floor(now / 1000);
  const { input: _input, ...rest } = request.body;
  return {
    id,
    chainId,
    kind: 'response',
    schema: 1,
    owner: caller.owner,
    parentId: parent?.id ?? null,
    depth: parent === undefined ? 0 : parent.depth + 1,
    status: 'queued',
    createdAt,
    sort: sortKey(now, id),
    updatedAt: createdAt,
    background: request.background,
    streamed: request.stream,
    model: request.model,
    preview: previewOf(request.input),
    request: { inline: 'tools' in rest ? { ...rest, tools: maskTools(rest.tools) } : rest },
    input: { inline: input.map(maskItem) },
    envelope: { inline: queuedEnvelope(id, createdAt, request) },
    output: { inline: [] },
    itemIds: namedHere(request.body.input, input),
    images: [],
    earlierImage: parent?.images.at(-1) ?? parent?.earlierImage,
    fileIds: fileIdsIn({ input, tools: request.body.tools }),
    requestId: caller.requestId,
    traceparent: caller.traceparent,
    ttl: deps.ttlSeconds,
  };
}

/**
 * Ids by which an item of the input can be referred to: those that the gateway gave, and those of items it looked up itself.
 * An id that came with the whole item is its caller's own choice, and another item may have it, too.
 */
function namedHere(raw: unknown, input: readonly Item[]): string[] {
  const given: unknown[] = Array.isArray(raw) ? raw : [];
  const isGiven = (item: Item, index: number): boolean => {
    const asGiven = given[index];
    return isObject(asGiven) && !isReference(asGiven) && asGiven.id === item.id;
  };
  // The picture of an image call lies with the response that made it, and is found there only.
  return input
    .filter((item, index) => !isGiven(item, index) && item.type !== 'image_generation_call')
    .map(({ id }) => id);
}

const carriesSecrets = ({ tools, input }: CreateRequest): boolean =>
  hasSecrets(tools) || input.some((item) => hasSecrets(item.tools));

/** The response object of a run that the service has not seen yet. */
function queuedEnvelope(id: string, createdAt: number, request: CreateRequest): JsonObject {
  const asked = Object.keys(QUEUED_DEFAULTS)
    .filter((field) => request.body[field] != null)
    .map((field) => [field, request.body[field]] as const);
  const { model, background, previousResponseId: parentId = null } = request;
  return {
    ...bareEnvelope({ id, createdAt, model, parentId, background }),
    ...Object.fromEntries(asked),
    status: 'queued',
    store: request.store,
    tools: maskTools(request.body.tools ?? []),
  };
}

/** @throws `deployment_not_found` for a deployment that is not on the list of those offered. */
export function refuseModel(allowed: readonly string[], model: string): void {
  if (allowed.length === 0 || allowed.includes(model)) return;
  throw new GatewayError('deployment_not_found', `The deployment '${model}' does not exist or is not offered here.`, {
    param: 'model',
  });
}

/** The header value for the image tool; none when no tool asks for it. */
function chooseImageDeployment(
  images: PrepareDeps['images'],
  request: CreateRequest,
  chosen: string | undefined,
): string | undefined {
  if (!request.tools.some((tool) => tool.type === 'image_generation')) return undefined;
  if (chosen === undefined) {
    if (images.default !== undefined) return images.default;
    throw new GatewayError(
      'unsupported_parameter',
      'No image deployment is configured. Set AZURE_OPENAI_IMAGE_DEPLOYMENT, or remove the image_generation tool.',
      { param: 'tools' },
    );
  }
  if (images.allowed.includes(chosen)) return chosen;
  throw new GatewayError('deployment_not_found', `The image deployment '${chosen}' is not offered here.`, {
    param: 'tools',
  });
}
