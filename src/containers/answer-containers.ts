import { entryId, type Directory } from '../chains/directory.ts';
import type { Shared } from '../chains/shared.ts';
import type { ServiceClient } from '../upstream/client.ts';
import type { ContainerEntry } from './entry.ts';

/** Containers that the service made for answers. Others are their owner's to remove. */
export function createAnswerContainers(deps: {
  directory: Directory;
  service: Pick<ServiceClient, 'deleteQuietly'>;
}): Shared {
  return {
    async includes(owner, id) {
      const entry = await deps.directory.read<ContainerEntry>(owner, entryId('container', id));
      return entry?.auto === true;
    },

    async forget(owner, id) {
      const path = `/containers/${encodeURIComponent(id)}`;
      await deps.service.deleteQuietly({ method: 'delete', path, operation: 'containers.delete', retries: 1 });
      await deps.directory.remove(owner, entryId('container', id));
    },
  };
}
