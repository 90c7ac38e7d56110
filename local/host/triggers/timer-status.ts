import type { ContainerClient } from '@azure/storage-blob';
import { z } from 'zod';
import { orUndefined } from './storage-errors.ts';

const status = z.object({ Last: z.coerce.date(), Next: z.coerce.date(), LastUpdated: z.coerce.date() });

/** When a timer last fired and when it was to fire next (Microsoft.Azure.WebJobs.Extensions.Timers, ScheduleStatus). */
export type TimerStatus = z.infer<typeof status>;

/** Remembers over restarts when timers were due, so that a missed one can be made up for. */
export interface TimerStatusStore {
  read(functionName: string): Promise<TimerStatus | undefined>;
  write(functionName: string, status: TimerStatus): Promise<void>;
}

/** Keeps the status where the real extension does: `timers/<host>/<function>/status` in `azure-webjobs-hosts`. */
export function createTimerStatusStore(hostContainer: ContainerClient, hostId: string): TimerStatusStore {
  const blob = (functionName: string) =>
    hostContainer.getBlockBlobClient(`timers/${hostId}/Host.Functions.${functionName}/status`);
  return {
    async read(functionName) {
      const bytes = await orUndefined(blob(functionName).downloadToBuffer());
      return bytes && status.parse(JSON.parse(bytes.toString()));
    },
    async write(functionName, value) {
      const text = JSON.stringify(value);
      await blob(functionName).upload(text, Buffer.byteLength(text));
    },
  };
}
