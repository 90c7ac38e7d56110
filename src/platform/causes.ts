/** Whether an error, or one that has caused it, is such a one: libraries hide the one that tells most some levels down. */
export function isCausedBy(error: unknown, isSuch: (cause: Error) => boolean): boolean {
  for (let at = error; at instanceof Error; at = at.cause) if (isSuch(at)) return true;
  return false;
}

/** Whether an error has one of these codes of the system or of a library (`ECONNRESET` ...). */
export const hasCode = (error: Error, codes: ReadonlySet<unknown>): boolean => 'code' in error && codes.has(error.code);
