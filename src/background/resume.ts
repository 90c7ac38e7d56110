import { readable } from '../chains/access.ts';
import type { ChainStore } from '../chains/store.ts';
import { GatewayError } from '../errors.ts';
import { inForm, type ImageForm } from '../responses/present.ts';
import { follow, type FollowDeps } from '../streams/follow.ts';
import type { Frame } from '../streams/frames.ts';

/**
 * The events of a response again, after a sequence number, for as long as its record lives.
 * @throws `not_resumable` for a response that was not made with `background` and `stream`, `not_found` for a foreign one.
 */
export type Resume = (
  owner: string,
  id: string,
  view: { after: number; images: ImageForm },
) => Promise<{ frames: AsyncIterable<Frame>; rebuilt: boolean }>;

export function createResume(deps: FollowDeps & { store: ChainStore }): Resume {
  return async (owner, id, { after, images }) => {
    const record = await readable(deps.store, owner, id);
    if (!record.background || !record.streamed) {
      throw new GatewayError(
        'not_resumable',
        `Response '${id}' cannot be streamed: it was not created with both "background": true and "stream": true. Retrieve it without 'stream'.`,
        { param: 'stream' },
      );
    }
    return { frames: follow(inForm(deps, images), record, after), rebuilt: record.rebuilt === true };
  };
}
