/** Whether storage answered with one of these statuses. */
export function isStorageStatus(error: unknown, ...statuses: number[]): boolean {
  if (!(error instanceof Error) || !('statusCode' in error)) return false;
  return statuses.some((status) => error.statusCode === status);
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
