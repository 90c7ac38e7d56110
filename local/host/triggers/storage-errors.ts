import { RestError } from '@azure/storage-blob';

/** Whether storage answered with one of these statuses. */
export function isStorageStatus(error: unknown, ...statuses: number[]): boolean {
  return error instanceof RestError && error.statusCode !== undefined && statuses.includes(error.statusCode);
}

/** Gives undefined where storage says that there is no such thing. */
export async function orUndefined<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isStorageStatus(error, 404)) return undefined;
    throw error;
  }
}
