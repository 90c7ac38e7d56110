/** Tells callers that the service had lost the context of a turn, and was told it again. */
export const rebuiltHeader = (rebuilt: boolean): Record<string, string> =>
  rebuilt ? { 'x-context-rebuilt': 'true' } : {};
