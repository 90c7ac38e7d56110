import type { InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import type { Orchestrations } from './accept.ts';

/** The input every function needs that starts orchestrations. */
export const durableClient = df.input.durableClient();

/** Statuses in which an instance of the same id is at work already. */
const ALIVE = new Set<string>([
  df.OrchestrationRuntimeStatus.Running,
  df.OrchestrationRuntimeStatus.Pending,
  df.OrchestrationRuntimeStatus.ContinuedAsNew,
  df.OrchestrationRuntimeStatus.Suspended,
]);

/** Orchestrations of one name, whose instance id is the id of what they watch over. */
export function orchestrationsOf(context: InvocationContext, name: string): Orchestrations {
  return {
    async start(id) {
      const client = df.getClient(context);
      try {
        await client.startNew(name, { instanceId: id });
      } catch (error) {
        // Starting twice is the normal way to make sure: the one that runs is as good as a new one.
        const status = await client.getStatus(id);
        if (!ALIVE.has(status.runtimeStatus)) throw error;
      }
    },
  };
}
