import type { ProgrammingModel } from '@azure/functions-core';

/** The host passes a request on before it calls its function: what has not come by then never will. */
const ARRIVAL_LIMIT_MS = 30_000;

/**
 * Ends calls whose request never comes: the host does not pass on a header with a byte over 127, and leaves an `x-ms-invocation-id`
 * of the caller's own in its place (azure-functions-host, DefaultHttpProxyService.cs). The library would wait for ever, until
 * `functionTimeout`, when the host ends the process with every stream in it.
 */
export function endLostRequests(model: ProgrammingModel): void {
  const begin = model.getInvocationModel.bind(model);
  model.getInvocationModel = async (context) => {
    const invocation = await begin(context);
    const read = invocation.getArguments.bind(invocation);
    invocation.getArguments = () => inTime(read());
    return invocation;
  };
}

async function inTime<T>(arrival: Promise<T>): Promise<T> {
  const { promise: never, reject } = Promise.withResolvers<never>();
  const limit = setTimeout(() => reject(new Error('The request has not reached the app.')), ARRIVAL_LIMIT_MS);
  try {
    return await Promise.race([arrival, never]);
  } finally {
    clearTimeout(limit);
  }
}
