import { newId, newStem, stemOf } from '../ids.ts';
import { CONTAINER_IDLE_MINUTES } from '../limits.ts';
import type { Service } from '../service.ts';
import type { StoredResponse } from '../store/record.ts';
import { TurnError, type Containers, type Item, type StoredFile, type Turn } from '../turn.ts';

/** What the mind is handed for one run. */
export function turnFor(service: Service, record: StoredResponse, context: readonly Item[], signal: AbortSignal): Turn {
  const { seals, clock } = service;
  const stem = stemOf(record.response.id) ?? newStem();
  return {
    request: record.request,
    model: record.response.model,
    context,
    readFile: (fileId) => Promise.resolve().then(() => readFile(service, fileId)),
    containers: containersOf(service),
    imageDeployment: record.imageDeployment,
    seal: seals.seal,
    unseal: (sealed) => {
      const text = seals.open(sealed);
      if (text !== undefined) return text;
      throw new TurnError(
        400,
        'The encrypted content could not be verified. Reason: Encrypted content could not be decrypted or parsed.',
        {
          code: 'invalid_encrypted_content',
        },
      );
    },
    newId: (prefix) => newId(prefix, stem, clock.now()),
    signal,
  };
}

/** @throws TurnError 400 for an unknown file. */
export function readFile({ files }: Service, fileId: string): StoredFile {
  const file = files.get(fileId);
  if (!file) throw unknownInputFile(fileId);
  return { id: file.id, filename: file.filename, purpose: file.purpose, bytes: files.content(fileId) };
}

/** The file of an input part or of a container is not there. */
export const unknownInputFile = (fileId: string): TurnError =>
  new TurnError(400, `File with id '${fileId}' not found.`, { code: 'file_not_found', param: 'input' });

function containersOf(service: Service): Containers {
  const { containers, files, clock, parts } = service;
  const add = (containerId: string, filename: string, source: 'user' | 'assistant', bytes: number) => {
    const id = newId('cfile', newStem(), clock.now());
    containers.addFile({ id, containerId, createdAt: clock.now(), filename, source, bytes });
    containers.touch(containerId);
    return id;
  };
  const open = (container: string | { fileIds: readonly string[] }): string => {
    if (typeof container === 'string') {
      checkContainer(service, container);
      containers.touch(container);
      return container;
    }
    const now = clock.now();
    const id = newId('cntr', newStem(), now);
    const copies = container.fileIds.map((fileId) => files.get(fileId) ?? unknownInputFile(fileId));
    containers.add({
      id,
      createdAt: now,
      activeAt: now,
      idleMinutes: CONTAINER_IDLE_MINUTES,
      name: 'auto',
      memory: '1g',
    });
    for (const file of copies) {
      if (file instanceof TurnError) throw file;
      parts.copy(file.id, add(id, file.filename, 'user', file.bytes));
    }
    return id;
  };
  return {
    open: (container) => Promise.resolve().then(() => open(container)),
    list: (containerId) =>
      Promise.resolve().then(() => {
        checkContainer(service, containerId);
        return containers
          .files(containerId)
          .map(({ id, filename }) => ({ id, filename, purpose: 'assistants', bytes: containers.content(id) }));
      }),
    write: (containerId, filename, bytes) =>
      Promise.resolve().then(() => {
        checkContainer(service, containerId);
        const id = add(containerId, filename, 'assistant', bytes.byteLength);
        parts.add(id, 0, bytes);
        return id;
      }),
  };
}

/** @throws TurnError when the container is unknown or its session has ended. */
export function checkContainer({ containers }: Service, id: string): void {
  const container = containers.get(id);
  if (!container) throw new TurnError(404, `Container with id '${id}' not found.`);
  if (containers.isExpired(container)) throw new TurnError(400, 'Container is expired.');
}
