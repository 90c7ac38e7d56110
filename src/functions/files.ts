import { Readable } from 'node:stream';
import { GatewayError } from '../errors.ts';
import { ok } from '../http/answer.ts';
import { pageOf, readPage } from '../http/paging.ts';
import { apiRoute } from '../http/route.ts';
import type { Services } from '../services.ts';

/** The list of files is longer than others (API reference). */
const PAGE = { default: 10_000, most: 10_000 };

export function register({ http, files }: Services): void {
  apiRoute(http, 'uploadFile', ['POST'], 'files', async ({ owner, request }) => {
    if (request.body === null) throw new GatewayError('invalid_value', 'The body is empty. Send multipart/form-data.');
    const body = Readable.from(request.body);
    return ok(await files.upload(owner, request.headers.get('content-type') ?? '', body));
  });

  apiRoute(http, 'listFiles', ['GET'], 'files', async ({ owner, url }) => {
    const page = readPage(url, PAGE);
    return ok(pageOf(await files.all(owner, url.searchParams.get('purpose') ?? undefined), page));
  });

  apiRoute(http, 'retrieveFile', ['GET'], 'files/{id}', async ({ owner, params }) =>
    ok(await files.retrieve(owner, params.id ?? '')),
  );

  apiRoute(http, 'getFileContent', ['GET'], 'files/{id}/content', async ({ owner, params }) => {
    const { stream, bytes, contentType } = await files.content(owner, params.id ?? '');
    return {
      status: 200,
      headers: {
        'content-type': contentType,
        'content-length': String(bytes),
        'content-disposition': 'attachment',
        'x-content-type-options': 'nosniff',
      },
      body: Readable.toWeb(Readable.from(stream)),
    };
  });

  apiRoute(http, 'deleteFile', ['DELETE'], 'files/{id}', async ({ owner, params }) =>
    ok(await files.remove(owner, params.id ?? '')),
  );
}
