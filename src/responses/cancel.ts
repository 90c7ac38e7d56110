import type { CancelRun } from '../background/cancel.ts';
import { owned } from '../chains/access.ts';
import type { ChainStore } from '../chains/store.ts';
import { GatewayError } from '../errors.ts';
import { show, type ImageForm, type Present, type Shown } from './present.ts';

/**
 * Cancels a background response. Idempotent: one that has ended is given back unchanged.
 * @throws `not_background` for a response that was not made in the background, `not_found` for a foreign one.
 */
export type Cancel = (owner: string, id: string, images: ImageForm) => Promise<Shown>;

export interface CancelDeps {
  store: ChainStore;
  cancelRun: CancelRun;
  present: Present;
}

export function createCancel(deps: CancelDeps): Cancel {
  return async (owner, id, images) => {
    const record = await owned(deps.store, owner, id);
    if (!record.background) {
      throw new GatewayError('not_background', 'Only a response created with "background": true can be cancelled.', {
        param: 'id',
      });
    }
    return show(deps.present, (await deps.cancelRun(record)) ?? record, images);
  };
}
