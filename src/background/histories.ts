import type { InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import type { Histories } from '../chains/deletion.ts';
import { GatewayError } from '../errors.ts';
import { statusOf } from './starter.ts';

/** Statuses in which a history can be removed. */
const ENDED = new Set<string>([
  df.OrchestrationRuntimeStatus.Completed,
  df.OrchestrationRuntimeStatus.Failed,
  df.OrchestrationRuntimeStatus.Terminated,
  df.OrchestrationRuntimeStatus.Canceled,
]);

/** A terminated orchestration ends with its next turn: a moment, when the host is well. */
const ENDING_LIMIT_MS = 3_000;
const LOOK_MS = 50;

/** The histories of background runs, by the Durable client of an invocation that has `durableClient` among its inputs. */
export function historiesOf(context: InvocationContext): Histories {
  return {
    async remove(responseId) {
      const client = df.getClient(context);
      const limit = performance.now() + ENDING_LIMIT_MS;
      let told = false;
      let cause: unknown;
      for (;;) {
        const status = await statusOf(client, responseId);
        if (status === undefined) return;
        if (ENDED.has(status.runtimeStatus)) break;
        if (performance.now() > limit) {
          throw new GatewayError('conflict', 'The orchestration has not ended yet.', { cause });
        }
        try {
          if (!told) await client.terminate(responseId, 'The response was deleted.');
          told = true;
        } catch (error) {
          // It may have ended by itself at this moment, which Azure takes for an error: the next look tells.
          cause = error;
        }
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
      await client.purgeInstanceHistory(responseId);
    },
  };
}
