import type { Directory } from '../chains/directory.ts';
import { GatewayError, notFound } from '../errors.ts';
import { findFile } from '../files/entry.ts';
import { unixSeconds, type Clock } from '../platform/clock.ts';
import type { ServiceClient } from '../upstream/client.ts';
import { isObject, type JsonObject } from '../upstream/wire.ts';
import { CONTAINER_LIFE_SECONDS, containerEntry, ownsContainer, type ContainerEntry } from './entry.ts';

export interface ContainerDeps {
  directory: Directory;
  service: Pick<ServiceClient, 'send' | 'json'>;
  clock: Clock;
}

/** Code-interpreter containers of the caller. What is inside them lives at the service; whose they are, here. */
export interface Containers {
  create(owner: string, body: JsonObject): Promise<JsonObject>;
  /** The caller's containers that the service still has, newest first. */
  all(owner: string): Promise<JsonObject[]>;
  retrieve(owner: string, id: string): Promise<JsonObject>;
  remove(owner: string, id: string): Promise<JsonObject>;
  /** Copies an uploaded file of the caller into the container. */
  addFile(owner: string, id: string, fileId: string): Promise<JsonObject>;
  /** Puts a new file into the container. */
  uploadFile(owner: string, id: string, content: Blob, filename: string): Promise<JsonObject>;
  listFiles(owner: string, id: string, query: Record<string, string>): Promise<JsonObject>;
  retrieveFile(owner: string, id: string, fileId: string): Promise<JsonObject>;
  fileContent(owner: string, id: string, fileId: string): Promise<Response>;
  removeFile(owner: string, id: string, fileId: string): Promise<JsonObject>;
}

export function createContainers(deps: ContainerDeps): Containers {
  const { directory, service } = deps;
  /** Path of a container at the service, once it is clear that it is the caller's. */
  const pathOf = async (owner: string, id: string, ...rest: string[]): Promise<string> => {
    if (!(await ownsContainer(directory, owner, id))) throw notFound('Container', id);
    return ['/containers', id, ...rest].map((part, index) => (index === 0 ? part : encodeURIComponent(part))).join('/');
  };
  const get = async (path: string, operation: string, query?: Record<string, string>): Promise<JsonObject> =>
    (await service.json({ method: 'get', path, operation, query, retries: 1 })).body;
  const post = async (path: string, operation: string, body: unknown): Promise<JsonObject> =>
    (await service.json({ method: 'post', path, operation, body, retries: 0 })).body;

  return {
    async create(owner, body) {
      refuseSkills(body.skills);
      const fileIds = await ownFiles(directory, owner, body.file_ids);
      const made = await post(
        '/containers',
        'containers.create',
        fileIds === undefined ? body : { ...body, file_ids: fileIds },
      );
      if (typeof made.id !== 'string')
        throw new GatewayError('service_unintelligible', 'Azure OpenAI made a container without an id.');
      const name = typeof body.name === 'string' ? body.name : '';
      await directory.upsert(containerEntry(owner, made.id, { name, createdAt: unixSeconds(deps.clock) }));
      return made;
    },

    async all(owner) {
      const { rows } = await directory.query<ContainerEntry>(
        {
          query: 'SELECT * FROM c WHERE c.kind = "container" AND c.createdAt > @since ORDER BY c.createdAt',
          parameters: [{ name: '@since', value: unixSeconds(deps.clock) - CONTAINER_LIFE_SECONDS }],
        },
        { owner },
      );
      const found = await Promise.all(
        rows.map((entry) => get(`/containers/${entry.containerId}`, 'containers.retrieve').catch(ignoreMissing)),
      );
      return found.filter((container) => container !== undefined);
    },

    retrieve: async (owner, id) => get(await pathOf(owner, id), 'containers.retrieve'),

    async remove(owner, id) {
      const path = await pathOf(owner, id);
      await service.send({ method: 'delete', path, operation: 'containers.delete', retries: 1 });
      // The entry stays: items of earlier turns still name the container.
      return { id, object: 'container.deleted', deleted: true };
    },

    async addFile(owner, id, fileId) {
      const path = await pathOf(owner, id, 'files');
      const file = await findFile(directory, owner, fileId);
      if (file === undefined) throw notFound('File', fileId);
      return post(path, 'containers.files.create', { file_id: file.serviceFileId });
    },

    async uploadFile(owner, id, content, filename) {
      const form = new FormData();
      form.set('file', content, filename);
      return post(await pathOf(owner, id, 'files'), 'containers.files.create', form);
    },

    listFiles: async (owner, id, query) => get(await pathOf(owner, id, 'files'), 'containers.files.list', query),

    retrieveFile: async (owner, id, fileId) =>
      get(await pathOf(owner, id, 'files', fileId), 'containers.files.retrieve'),

    fileContent: async (owner, id, fileId) =>
      service.send({
        method: 'get',
        path: await pathOf(owner, id, 'files', fileId, 'content'),
        operation: 'containers.files.content',
        headers: { accept: 'application/binary' },
        retries: 1,
      }),

    async removeFile(owner, id, fileId) {
      const path = await pathOf(owner, id, 'files', fileId);
      await service.send({ method: 'delete', path, operation: 'containers.files.delete', retries: 1 });
      return { id: fileId, object: 'container.file.deleted', deleted: true };
    },
  };
}

/** The service's ids of the caller's files; undefined when none were named. */
async function ownFiles(directory: Directory, owner: string, ids: unknown): Promise<string[] | undefined> {
  if (!Array.isArray(ids)) return undefined;
  const list: unknown[] = ids;
  return Promise.all(
    list.map(async (id) => {
      const file = await findFile(directory, owner, String(id));
      if (file === undefined)
        throw new GatewayError('reference_not_found', `File with id '${String(id)}' not found.`, { param: 'file_ids' });
      return file.serviceFileId;
    }),
  );
}

/** Skills are made at the service, where one identity stands behind all callers: nobody here has one. */
function refuseSkills(skills: unknown): void {
  const list: unknown[] = Array.isArray(skills) ? skills : [];
  if (!list.some((skill) => isObject(skill) && skill.skill_id != null)) return;
  throw new GatewayError('reference_not_found', 'Skills of the service are not offered. Send them inline.', {
    param: 'skills',
  });
}

/** A container that has expired at the service is simply not in the list any more. */
function ignoreMissing(error: unknown): undefined {
  if (error instanceof GatewayError && error.status === 404) return undefined;
  throw error;
}
