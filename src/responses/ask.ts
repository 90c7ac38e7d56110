import type { RebuildInput } from '../chains/rebuild.ts';
import { imageAsInput, imageParts } from '../chains/rebuild-images.ts';
import type { ChainRecord, ImageReference } from '../chains/record.ts';
import { GatewayError } from '../errors.ts';
import { unixSeconds, type Clock } from '../platform/clock.ts';
import { ServiceError } from '../upstream/errors.ts';
import { toItem } from '../upstream/items.ts';
import { isObject, type JsonObject } from '../upstream/wire.ts';

/** A parent this young may merely not be readable yet at the service (dotnet/extensions issue 7704). */
const FRESH_PARENT_SECONDS = 30;
const FRESH_PARENT_PAUSE_MS = 500;

export interface AskDeps {
  clock: Clock;
  /** The resource that answers; ids of another mean nothing to it. */
  endpoint: string;
  rebuildInput: RebuildInput;
  /** The bytes of a stored image, checked. */
  readImage: (image: ImageReference) => Promise<Buffer>;
}

export interface Asked<T> {
  answer: T;
  rebuilt: boolean;
}

/** Sends one turn to the service with its context: by the parent's id there, or rebuilt from our transcript when that is lost. */
export type Ask = <T>(
  turn: { serviceBody: JsonObject; parent?: ChainRecord },
  send: (body: JsonObject) => Promise<T>,
) => Promise<Asked<T>>;

export function createAsk(deps: AskDeps): Ask {
  return async (turn, send) => {
    const { previous_response_id: _ours, ...body } = turn.serviceBody;
    const { parent } = turn;
    if (parent === undefined) return { answer: await send(body), rebuilt: false };
    const { input: said = body.input } = await withEarlierImage(deps, body, parent);
    if (parent.service?.endpoint === deps.endpoint) {
      const chained = { ...body, input: said, previous_response_id: parent.service.id };
      const ask = () => inOurWords(parent, () => send(chained));
      const answer = await unlessLost(ask);
      if (answer !== undefined) return { answer, rebuilt: false };
      if (unixSeconds(deps.clock) - parent.updatedAt < FRESH_PARENT_SECONDS) {
        await deps.clock.sleep(FRESH_PARENT_PAUSE_MS);
        const second = await unlessLost(ask);
        if (second !== undefined) return { answer: second, rebuilt: false };
      }
    }
    const input = [...(await deps.rebuildInput(parent)), ...newInput(said)];
    return { answer: await send({ ...body, input }), rebuilt: true };
  };
}

/**
 * Azure edits an image only when it comes with the request: the newest one of the chain is put into the new message.
 * Nothing when the input is right as it is: no image tool, no image so far, or the caller sends one.
 */
async function withEarlierImage(
  deps: Pick<AskDeps, 'readImage'>,
  body: JsonObject,
  parent: ChainRecord,
): Promise<{ input?: unknown[] }> {
  const image = parent.images.at(-1) ?? parent.earlierImage;
  if (image === undefined || !usesImageTool(body.tools) || carriesImage(body.input)) return {};
  const stored = await deps.readImage(image).catch((error: unknown) => {
    // The turn that made it was deleted: there is nothing to edit any more.
    if (error instanceof GatewayError && error.kind === 'not_found') return undefined;
    throw error;
  });
  return stored === undefined ? {} : { input: illustrated(newInput(body.input), stored.toString('base64')) };
}

/** The items with an image in the last thing the user says; in front, when that is nothing. */
function illustrated(items: readonly JsonObject[], base64: string): JsonObject[] {
  const at = items.findLastIndex((item) => item.role === 'user');
  const message = items[at];
  if (message === undefined) return [imageAsInput(base64), ...items];
  const said: unknown[] = Array.isArray(message.content)
    ? message.content
    : [{ type: 'input_text', text: message.content }];
  return items.with(at, { ...message, content: [...imageParts(base64), ...said] });
}

const usesImageTool = (tools: unknown): boolean =>
  Array.isArray(tools) && tools.some((tool) => isObject(tool) && tool.type === 'image_generation');

const carriesImage = (input: unknown): boolean =>
  Array.isArray(input) &&
  input.some(
    (item) =>
      isObject(item) &&
      Array.isArray(item.content) &&
      item.content.some((part) => isObject(part) && part.type === 'input_image'),
  );

/** The answer, or undefined when the service says that it does not know the parent. */
async function unlessLost<T>(send: () => Promise<T>): Promise<T | undefined> {
  try {
    return await send();
  } catch (error) {
    if (error instanceof ServiceError && error.lostParent) return undefined;
    throw error;
  }
}

/** What the service says about the parent names it by an id that is nobody's business. */
async function inOurWords<T>(parent: ChainRecord, send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    const theirs = parent.service?.id ?? '';
    if (error instanceof ServiceError && theirs !== '') error.message = error.message.replaceAll(theirs, parent.id);
    throw error;
  }
}

function newInput(input: unknown): JsonObject[] {
  if (typeof input === 'string') {
    const { id: _id, ...message } = toItem({ role: 'user', content: [{ type: 'input_text', text: input }] });
    return [message];
  }
  return Array.isArray(input) ? input.filter(isObject) : [];
}
