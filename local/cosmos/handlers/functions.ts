import { requireResourceId } from '../definition.ts';
import { alreadyExists, badRequest, CosmosError, itemNotFound } from '../errors.ts';
import { property, type JsonObject } from '../json.ts';
import { json, type Answer } from '../http/answer.ts';
import { objectBody, type CosmosRequest } from '../http/request.ts';
import { compileFunction } from '../query/user-functions.ts';
import type { Catalog } from '../store/catalog.ts';
import type { Container } from '../store/container.ts';
import { answerList, isQuery } from './resource-list.ts';

const describe = (container: Container, id: string, body: string): JsonObject => ({
  id,
  body,
  _rid: `${container.rid}-${id}`,
  _self: `${container.self}udfs/${id}/`,
});

/** `/udfs` */
export function handleFunctions(request: CosmosRequest, catalog: Catalog, container: Container): Answer {
  if (request.method === 'GET' || isQuery(request)) {
    const functions = Array.from(container.functions, ([id, body]) => describe(container, id, body));
    return answerList(request, 'UserDefinedFunctions', functions);
  }
  const { id, body } = parseFunction(request);
  if (container.functions.has(id)) throw alreadyExists();
  catalog.setFunction(container, id, body);
  return json(201, describe(container, id, body));
}

/** `/udfs/{id}` */
export function handleFunction(request: CosmosRequest, catalog: Catalog, container: Container, id: string): Answer {
  const known = container.functions.get(id);
  if (known === undefined) throw itemNotFound();
  switch (request.method) {
    case 'GET':
      return json(200, describe(container, id, known));
    case 'PUT': {
      const { body } = parseFunction(request);
      catalog.setFunction(container, id, body);
      return json(200, describe(container, id, body));
    }
    case 'DELETE':
      catalog.deleteFunction(container, id);
      return { status: 204 };
    default:
      throw new CosmosError(405, `${request.method} is not possible on a user-defined function.`);
  }
}

function parseFunction(request: CosmosRequest): { id: string; body: string } {
  const content = objectBody(request);
  const id = property(content, 'id');
  const body = property(content, 'body');
  requireResourceId(id);
  if (typeof body !== 'string') throw badRequest("A user-defined function needs its source as the text 'body'.");
  compileFunction(id, body);
  return { id, body };
}
