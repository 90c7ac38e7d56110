/** An answer that is not a success, as the service words it. */
export class CosmosError extends Error {
  readonly status: number;
  /** The `code` of the body: `NotFound`, `BadRequest` ... */
  readonly code: string;
  /** `x-ms-substatus`, where the service gives one. */
  readonly substatus: number | undefined;
  /** `additionalErrorInfo` of the body, where the service gives one. */
  readonly information: string | undefined;

  constructor(status: number, message: string, substatus?: number, information?: string) {
    super(message);
    this.status = status;
    this.code = codeOf(status);
    this.substatus = substatus;
    this.information = information;
  }
}

/** Substatus codes that `@azure/cosmos` and this stand-in agree on (its `common/statusCodes`). */
export const SUBSTATUS = {
  partitionKeyMismatch: 1001,
  ownerNotFound: 1003,
  crossPartitionQueryNotServable: 1004,
  tooManyRequests: 3200,
  tokenMayNotManage: 5300,
} as const;

const CODES: Readonly<Record<number, string>> = {
  304: 'NotModified',
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  408: 'RequestTimeout',
  409: 'Conflict',
  410: 'Gone',
  412: 'PreconditionFailed',
  413: 'RequestEntityTooLarge',
  424: 'FailedDependency',
  429: '429',
  449: 'RetryWith',
  500: 'InternalServerError',
  501: 'NotImplemented',
  503: 'ServiceUnavailable',
};

/** The word for a status in an error body. */
export function codeOf(status: number): string {
  return CODES[status] ?? String(status);
}

export const badRequest = (message: string, substatus?: number): CosmosError =>
  new CosmosError(400, message, substatus);

export const unauthorized = (message: string): CosmosError => new CosmosError(401, message);

export const itemNotFound = (): CosmosError =>
  new CosmosError(404, 'Entity with the specified id does not exist in the system.', 0);

/** The database or container of the path is not there. */
export const ownerNotFound = (): CosmosError =>
  new CosmosError(404, 'Owner resource does not exist', SUBSTATUS.ownerNotFound);

export const alreadyExists = (): CosmosError =>
  new CosmosError(409, 'Entity with the specified id already exists in the system.');

export const preconditionFailed = (): CosmosError =>
  new CosmosError(412, 'One of the specified pre-condition is not met.');

/** What Azure does and this stand-in does not: said aloud, so that no test passes by accident. */
export const notOffered = (operation: string): CosmosError =>
  new CosmosError(501, `${operation}: not offered by the local Cosmos DB stand-in (see local/cosmos/README.md).`);
