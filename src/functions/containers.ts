import { Readable } from 'node:stream';
import { GatewayError } from '../errors.ts';
import { readUpload } from '../files/multipart.ts';
import { ok } from '../http/answer.ts';
import { readJson } from '../http/body.ts';
import type { Call } from '../http/call.ts';
import { pageOf, readPage } from '../http/paging.ts';
import { apiRoute } from '../http/route.ts';
import type { Services } from '../services.ts';
import type { JsonObject } from '../upstream/wire.ts';

export function register({ http, containers }: Services): void {
  apiRoute(http, 'createContainer', ['POST'], 'containers', async ({ owner, request }) =>
    ok(await containers.create(owner, await readJson(request))),
  );
  apiRoute(http, 'listContainers', ['GET'], 'containers', async ({ owner, url }) =>
    ok(pageOf(named(await containers.all(owner), url.searchParams.get('name')), readPage(url))),
  );
  apiRoute(http, 'retrieveContainer', ['GET'], 'containers/{id}', async ({ owner, params }) =>
    ok(await containers.retrieve(owner, params.id ?? '')),
  );
  apiRoute(http, 'deleteContainer', ['DELETE'], 'containers/{id}', async ({ owner, params }) =>
    ok(await containers.remove(owner, params.id ?? '')),
  );
  apiRoute(http, 'createContainerFile', ['POST'], 'containers/{id}/files', async (call) =>
    ok(await addFile(containers, call)),
  );
  apiRoute(http, 'listContainerFiles', ['GET'], 'containers/{id}/files', async ({ owner, params, url }) =>
    ok(await containers.listFiles(owner, params.id ?? '', pagingOf(url))),
  );
  apiRoute(http, 'retrieveContainerFile', ['GET'], 'containers/{id}/files/{fileId}', async ({ owner, params }) =>
    ok(await containers.retrieveFile(owner, params.id ?? '', params.fileId ?? '')),
  );
  apiRoute(
    http,
    'getContainerFileContent',
    ['GET'],
    'containers/{id}/files/{fileId}/content',
    async ({ owner, params }) => {
      const content = await containers.fileContent(owner, params.id ?? '', params.fileId ?? '');
      return {
        status: 200,
        headers: {
          'content-type': content.headers.get('content-type') ?? 'application/octet-stream',
          'content-disposition': 'attachment',
          'x-content-type-options': 'nosniff',
        },
        body: content.body ?? undefined,
      };
    },
  );
  apiRoute(http, 'deleteContainerFile', ['DELETE'], 'containers/{id}/files/{fileId}', async ({ owner, params }) =>
    ok(await containers.removeFile(owner, params.id ?? '', params.fileId ?? '')),
  );
}

const named = (containers: readonly JsonObject[], name: string | null): readonly JsonObject[] =>
  name === null ? containers : containers.filter((container) => container.name === name);

/** The service pages this list; what else stands in the query (`api-version` ...) is none of its business. */
const pagingOf = (url: URL): Record<string, string> =>
  Object.fromEntries([...url.searchParams].filter(([name]) => ['limit', 'order', 'after', 'before'].includes(name)));

/** By id of an uploaded file (JSON), or with the file itself (multipart). */
async function addFile(containers: Services['containers'], { owner, params, request }: Call): Promise<JsonObject> {
  const id = params.id ?? '';
  const contentType = request.headers.get('content-type') ?? '';
  if (!contentType.startsWith('multipart/')) {
    const { file_id: fileId } = await readJson(request);
    if (typeof fileId !== 'string')
      throw new GatewayError('invalid_value', "Send 'file_id', or the file as multipart/form-data.", {
        param: 'file_id',
      });
    return containers.addFile(owner, id, fileId);
  }
  const upload = await readUpload(contentType, Readable.from(request.body ?? []));
  try {
    return await containers.uploadFile(owner, id, await upload.blob(), upload.file.filename);
  } finally {
    await upload.discard();
  }
}
