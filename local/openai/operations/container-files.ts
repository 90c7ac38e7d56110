import { z } from 'zod';
import { inSeconds } from '../clock.ts';
import type { Answer } from '../http/answer.ts';
import type { Call } from '../http/call.ts';
import { pageOf, paging } from '../http/query.ts';
import { newId, newStem } from '../ids.ts';
import { containerExpired, containerNotFound, fileNotFound, missingParameter, notFound } from '../refusals.ts';
import { understand } from '../requests/understand.ts';
import type { Service } from '../service.ts';
import type { ContainerFile } from '../store/containers.ts';
import type { FileRecord } from '../store/files.ts';

const byIdSchema = z.looseObject({ file_id: z.string() });

/** `POST /containers/{id}/files`: an upload, or a copy of a file of the resource. */
export function createContainerFile(service: Service, call: Call): Answer {
  const containerId = live(service, call);
  const { upload } = call;
  if (!upload) {
    const { file_id } = understand(byIdSchema, call.body);
    const file = service.files.get(file_id);
    if (!file) throw fileNotFound(file_id);
    return { body: asFile(copyIn(service, containerId, file)) };
  }
  if (!upload.file) throw missingParameter('file');
  const file = add(service, containerId, { filename: upload.file.filename, bytes: upload.file.bytes });
  service.parts.move(upload.owner, file.id);
  return { body: asFile(file) };
}

/** Copies a file of the resource into the container. */
export function copyIn(service: Service, containerId: string, { id, filename, bytes }: FileRecord): ContainerFile {
  const file = add(service, containerId, { filename, bytes });
  service.parts.copy(id, file.id);
  return file;
}

function add(
  { containers, clock }: Service,
  containerId: string,
  what: { filename: string; bytes: number },
): ContainerFile {
  const now = clock.now();
  const file: ContainerFile = {
    id: newId('cfile', newStem(), now),
    containerId,
    createdAt: now,
    source: 'user',
    ...what,
  };
  containers.addFile(file);
  return file;
}

/** `GET /containers/{id}/files` */
export function listContainerFiles(service: Service, call: Call): Answer {
  const files = service.containers.files(live(service, call)).map(asFile);
  return { body: pageOf(files, paging(call.query)) };
}

/** `GET /containers/{id}/files/{file_id}` */
export function retrieveContainerFile(service: Service, call: Call): Answer {
  return { body: asFile(find(service, call)) };
}

/** `GET /containers/{id}/files/{file_id}/content` */
export function containerFileContent(service: Service, call: Call): Answer {
  return { body: service.containers.content(find(service, call).id) };
}

/** `DELETE /containers/{id}/files/{file_id}` */
export function deleteContainerFile(service: Service, call: Call): Answer {
  const { id } = find(service, call);
  service.containers.deleteFile(id);
  return { body: { id, object: 'container.file.deleted', deleted: true } };
}

/** The id of a container whose session goes on; using it prolongs it. */
function live({ containers }: Service, { params }: Call): string {
  const id = params[0] ?? '';
  const container = containers.get(id);
  if (!container) throw containerNotFound(id);
  if (containers.isExpired(container)) throw containerExpired();
  containers.touch(id);
  return id;
}

function find(service: Service, call: Call): ContainerFile {
  const fileId = call.params[1] ?? '';
  const file = service.containers.file(live(service, call), fileId);
  if (!file) throw notFound(`Container file with id '${fileId}' not found.`);
  return file;
}

const asFile = ({ id, containerId, createdAt, filename, source, bytes }: ContainerFile) => ({
  id,
  object: 'container.file',
  created_at: inSeconds(createdAt),
  bytes,
  container_id: containerId,
  path: `/mnt/data/${filename}`,
  source,
});
