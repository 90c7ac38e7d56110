import type { InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import type { Loops } from './accept.ts';

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
export function orchestrationsOf(context: InvocationContext, name: string): Loops {
  const movedAt = async (id: string): Promise<number | undefined> => {
    const status = await statusOf(df.getClient(context), id);
    return status !== undefined && ALIVE.has(status.runtimeStatus)
      ? new Date(status.lastUpdatedTime).getTime()
      : undefined;
  };
  return {
    movedAt,
    async start(id) {
      const client = df.getClient(context);
      try {
        await client.startNew(name, { instanceId: id });
      } catch (error) {
        // Starting twice is the normal way to make sure: the one that runs is as good as a new one.
        if ((await movedAt(id)) === undefined) throw error;
      }
    },
  };
}

/** Undefined when there is no such instance: the client has no other words for that than its message. */
export async function statusOf(
  client: df.DurableClient,
  id: string,
): Promise<df.DurableOrchestrationStatus | undefined> {
  try {
    return await client.getStatus(id);
  } catch (error) {
    if (error instanceof Error && error.message.includes('HTTP 404')) return undefined;
    throw error;
  }
}

/** Removes the histories of orchestrations that ended long ago. Gives how many there were. */
export async function purgeEnded(context: InvocationContext, endedBefore: Date): Promise<number> {
  const { instancesDeleted } = await df.getClient(context).purgeInstanceHistoryBy({
    createdTimeFrom: new Date(0),
    createdTimeTo: endedBefore,
    runtimeStatus: [
      df.OrchestrationRuntimeStatus.Completed,
      df.OrchestrationRuntimeStatus.Failed,
      df.OrchestrationRuntimeStatus.Terminated,
    ],
  });
  return instancesDeleted;
}
