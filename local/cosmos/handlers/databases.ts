import { CosmosError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { json, type Answer } from '../http/answer.ts';
import { objectBody, type CosmosRequest } from '../http/request.ts';
import type { Catalog } from '../store/catalog.ts';
import { answerList, isQuery } from './resource-list.ts';

/** `/dbs` */
export function handleDatabases(request: CosmosRequest, catalog: Catalog): Answer {
  if (request.method === 'GET' || isQuery(request)) {
    return answerList(
      request,
      'Databases',
      Array.from(catalog.databases, ({ body }) => body),
    );
  }
  if (request.method === 'POST') return withTag(201, catalog.createDatabase(objectBody(request)));
  throw new CosmosError(405, `${request.method} is not possible on databases.`);
}

/** `/dbs/{id}` */
export function handleDatabase(request: CosmosRequest, catalog: Catalog, id: string): Answer {
  if (request.method === 'GET') return withTag(200, catalog.database(id).body);
  if (request.method === 'DELETE') {
    catalog.deleteDatabase(id);
    return { status: 204 };
  }
  throw new CosmosError(405, `${request.method} is not possible on a database.`);
}

export function withTag(status: number, resource: JsonObject): Answer {
  return json(status, resource, { etag: typeof resource._etag === 'string' ? resource._etag : undefined });
}
