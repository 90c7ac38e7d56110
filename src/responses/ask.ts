import type { RebuildInput } from '../chains/rebuild.ts';
import type { ChainRecord } from '../chains/record.ts';
import { unixSeconds, type Clock } from '../platform/clock.ts';
import { ServiceError } from '../upstream/errors.ts';
import { isObject, type JsonObject } from '../upstream/wire.ts';
import { toItem } from './request.ts';

/** A parent this young may merely not be readable yet at the service (dotnet/extensions issue 7704). */
const FRESH_PARENT_SECONDS = 30;
const FRESH_PARENT_PAUSE_MS = 500;

export interface AskDeps {
  clock: Clock;
  /** The resource that answers; ids of another mean nothing to it. */
  endpoint: string;
  rebuildInput: RebuildInput;
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
    if (parent.service?.endpoint === deps.endpoint) {
      const chained = { ...body, previous_response_id: parent.service.id };
      const ask = () => inOurWords(parent, () => send(chained));
      const answer = await unlessLost(ask);
      if (answer !== undefined) return { answer, rebuilt: false };
      if (unixSeconds(deps.clock) - parent.updatedAt < FRESH_PARENT_SECONDS) {
        await deps.clock.sleep(FRESH_PARENT_PAUSE_MS);
        const second = await unlessLost(ask);
        if (second !== undefined) return { answer: second, rebuilt: false };
      }
    }
    const input = [...(await deps.rebuildInput(parent)), ...newInput(body.input)];
    return { answer: await send({ ...body, input }), rebuilt: true };
  };
}

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

function newInput(input: unknown): readonly unknown[] {
  if (typeof input === 'string') {
    const { id: _id, ...message } = toItem({ role: 'user', content: [{ type: 'input_text', text: input }] });
    return [message];
  }
  return Array.isArray(input) ? input.filter(isObject) : [];
}
