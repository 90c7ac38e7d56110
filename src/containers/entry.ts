import { entryId, type Directory, type Entry } from '../chains/directory.ts';
import { isServiceId } from '../platform/ids.ts';
import type { Item } from '../upstream/wire.ts';

/** A code-interpreter container at the service, and whose it is. It lives an hour there; the entry lives as long as items may name it. */
export interface ContainerEntry extends Entry {
  kind: 'container';
  containerId: string;
  name: string;
  createdAt: number;
  /** The service made it for an answer: it goes with the last response that names it. */
  auto?: true;
}

/** Replayed items name their container, and a foreign one is refused: the entry outlives the longest chains (retention 90 days). */
const ENTRY_TTL_SECONDS = 100 * 24 * 3600;

/** A container is gone after an hour, or 20 minutes without use (responses how-to page): older ones need not be asked for. */
export const CONTAINER_LIFE_SECONDS = 24 * 3600;

export const containerEntry = (
  owner: string,
  containerId: string,
  facts: Pick<ContainerEntry, 'name' | 'createdAt' | 'auto'>,
): ContainerEntry => ({
  id: entryId('container', containerId),
  owner,
  kind: 'container',
  containerId,
  ...facts,
  ttl: ENTRY_TTL_SECONDS,
});

export async function ownsContainer(directory: Directory, owner: string, containerId: string): Promise<boolean> {
  if (!isServiceId(containerId)) return false;
  return (await directory.read<ContainerEntry>(owner, entryId('container', containerId))) !== undefined;
}

/** The containers that the service made while it answered. */
export const containersIn = (output: readonly Item[]): string[] => [
  ...new Set(
    output
      .filter((item) => item.type === 'code_interpreter_call')
      .map((item) => item.container_id)
      .filter((id): id is string => typeof id === 'string' && isServiceId(id)),
  ),
];
