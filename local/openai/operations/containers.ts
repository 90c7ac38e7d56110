import { z } from 'zod';
import { inSeconds } from '../clock.ts';
import type { Answer } from '../http/answer.ts';
import type { Call } from '../http/call.ts';
import { pageOf, paging } from '../http/query.ts';
import { newId, newStem } from '../ids.ts';
import { CONTAINER_IDLE_MINUTES, CONTAINER_MAX_INPUT_FILES } from '../limits.ts';
import { containerNotFound, fileNotFound } from '../refusals.ts';
import { understand } from '../requests/understand.ts';
import type { Service } from '../service.ts';
import type { ContainerRecord } from '../store/containers.ts';
import { copyIn } from './container-files.ts';

const createSchema = z.looseObject({
  name: z.string().min(1),
  file_ids: z.array(z.string()).max(CONTAINER_MAX_INPUT_FILES).nullish(),
  expires_after: z
    .looseObject({ anchor: z.literal('last_active_at'), minutes: z.number().int().min(1).max(CONTAINER_IDLE_MINUTES) })
    .nullish(),
  memory_limit: z.enum(['1g', '4g', '16g', '64g']).nullish(),
});

/** `POST /containers` */
export function createContainer(service: Service, { body }: Call): Answer {
  const request = understand(createSchema, body);
  const { containers, files, clock } = service;
  const now = clock.now();
  const copies = (request.file_ids ?? []).map((fileId) => {
    const file = files.get(fileId);
    if (!file) throw fileNotFound(fileId);
    return file;
  });
  const container: ContainerRecord = {
    id: newId('cntr', newStem(), now),
    createdAt: now,
    activeAt: now,
    idleMinutes: request.expires_after?.minutes ?? CONTAINER_IDLE_MINUTES,
    name: request.name,
    memory: request.memory_limit ?? '1g',
  };
  containers.add(container);
  for (const file of copies) copyIn(service, container.id, file);
  return { body: asContainer(service, container) };
}

/** `GET /containers` */
export function listContainers(service: Service, { query }: Call): Answer {
  const all = service.containers.all().map((container) => asContainer(service, container));
  return { body: pageOf(all, paging(query)) };
}

/** `GET /containers/{id}`: one whose session has ended says so. */
export function retrieveContainer(service: Service, call: Call): Answer {
  return { body: asContainer(service, find(service, call)) };
}

/** `DELETE /containers/{id}` */
export function deleteContainer(service: Service, call: Call): Answer {
  const { id } = find(service, call);
  service.containers.delete(id);
  return { body: { id, object: 'container.deleted', deleted: true } };
}

function find({ containers }: Service, { params }: Call): ContainerRecord {
  const id = params[0] ?? '';
  const container = containers.get(id);
  if (!container) throw containerNotFound(id);
  return container;
}

const asContainer = ({ containers }: Service, container: ContainerRecord) => ({
  id: container.id,
  object: 'container',
  created_at: inSeconds(container.createdAt),
  status: containers.isExpired(container) ? 'expired' : 'running',
  expires_after: { anchor: 'last_active_at', minutes: container.idleMinutes },
  last_active_at: inSeconds(container.activeAt),
  memory_limit: container.memory,
  name: container.name,
});
