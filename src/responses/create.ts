import { withLinks } from '../artifacts/images.ts';
import { inlineOf, type ChainRecord } from '../chains/record.ts';
import { GatewayError } from '../errors.ts';
import { PLAIN_CREATE_LIMIT_MS } from '../platform/limits.ts';
import { originOf } from '../platform/log.ts';
import type { ServiceAnswer, ServiceClient } from '../upstream/client.ts';
import type { RateLimits } from '../upstream/rate-limits.ts';
import type { ServiceResponse } from '../upstream/wire.ts';
import type { Ask } from './ask.ts';
import type { Finish, Finished } from './finish.ts';
import { keep, unstored, type KeepDeps } from './keep.ts';
import type { Turn } from './prepare.ts';
import { imageLink, type ImageForm, type Shown } from './present.ts';

export interface CreateDeps extends KeepDeps {
  service: Pick<ServiceClient, 'createResponse'>;
  ask: Ask;
  finish: Finish;
}

export interface Created extends Shown {
  rateLimits?: RateLimits;
}

/** A create that waits for its answer: at most one read and two writes beside the call to the service. */
export type CreatePlain = (turn: Turn, images: ImageForm) => Promise<Created>;

export function createPlain(deps: CreateDeps): CreatePlain {
  return async (turn, images) => {
    if (!turn.request.store && images.as === 'links') {
      const message = "'images=url' needs 'store': an image that is not stored has no address.";
      throw new GatewayError('unsupported_combination', message, { param: 'store' });
    }
    const { answer, rebuilt } = await deps.ask(turn, (body) =>
      deps.service.createResponse(body, {
        timeoutMs: PLAIN_CREATE_LIMIT_MS,
        imageDeployment: turn.imageDeployment,
        traceparent: turn.record.traceparent,
      }),
    );
    const { rateLimits } = answer;
    if (!turn.request.store) {
      return { response: await unstored(deps, turn.record, answer), rebuilt, rateLimits };
    }
    const finished = await finishOrGiveUp(deps, turn.record, answer, rebuilt);
    if (finished === undefined) {
      return { response: { ...(await unstored(deps, turn.record, answer)), store: false }, rebuilt, rateLimits };
    }
    const { record, output } = finished;
    const stored = await keep(deps, record);
    const shown =
      images.as === 'links'
        ? withLinks(output, record.images, (item) => imageLink(images.base, record.id, item))
        : output;
    // A paid answer that could not be stored is still the caller's: `store: false` says that its id leads nowhere.
    return {
      response: { ...inlineOf(record.envelope), output: shown, ...(stored ? {} : { store: false }) },
      rebuilt,
      rateLimits,
    };
  };
}

/** Undefined when the images of a paid answer could not be put aside: what a record would name is not there, so there is none. */
async function finishOrGiveUp(
  deps: CreateDeps,
  record: ChainRecord,
  answer: ServiceAnswer<ServiceResponse>,
  rebuilt: boolean,
): Promise<Finished | undefined> {
  try {
    return await deps.finish(record, answer, { rebuilt });
  } catch (error) {
    deps.log.notStored({ ...originOf(record), error });
    return undefined;
  }
}
