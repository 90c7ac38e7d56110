import type { ApiResponse } from '../../core/types.ts';

/** An answer with a JSON body. */
export function json(status: number, body: unknown, headers: Record<string, string> = {}): ApiResponse {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(body),
  };
}

/** An answer without a body. */
export function empty(status: number): ApiResponse {
  return { status, headers: {} };
}

/** An error in the shape of the real host (.NET's HttpError). */
export function failure(status: number, message: string, exceptionMessage?: string): ApiResponse {
  return json(status, {
    Message: message,
    ...(exceptionMessage === undefined ? {} : { ExceptionMessage: exceptionMessage }),
  });
}
