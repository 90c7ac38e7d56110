import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { z } from 'zod';
import type { OrchestrationContext, Task } from 'durable-functions';

/** One turn of an orchestration as a host recorded it: the history that the function was replayed over, and what it asked for. */
const recording = z.object({
  name: z.string(),
  instanceId: z.string(),
  about: z.string(),
  /** As the host hands it to the library. */
  history: z.array(z.record(z.string(), z.unknown())),
  decided: z.unknown(),
});

export type Recording = z.infer<typeof recording>;

export const readRecording = (file: string): Recording => recording.parse(JSON.parse(readFileSync(file, 'utf8')));

export type OrchestratorFunction = (context: OrchestrationContext) => Generator<Task, void, never>;

/** The part of the library that replays; it is no public export, and there is no other. */
const replayer = z.object({ Orchestrator: z.custom<OrchestratorClass>((value) => typeof value === 'function') });
type OrchestratorClass = new (fn: unknown) => { handle(binding: object, context: object): Promise<unknown> };
const require = createRequire(import.meta.url);
const { Orchestrator } = replayer.parse(
  require(require.resolve('durable-functions').replace(/index\.js$/, 'orchestrations/Orchestrator.js')),
);

/** Replays the current code over a recorded history, and gives what it asks for now. */
export async function replay(fn: OrchestratorFunction, { history, instanceId }: Recording): Promise<unknown> {
  const binding = {
    history: structuredClone(history),
    input: instanceId,
    instanceId,
    isReplaying: true,
    parentInstanceId: null,
    upperSchemaVersion: 1,
    upperSchemaVersionNew: 3,
    longRunningTimerIntervalDuration: '3.00:00:00.000',
    maximumShortTimerDuration: '6.00:00:00.000',
    defaultHttpAsyncRequestSleepTimeMillseconds: 30_000,
  };
  const state = await new Orchestrator(fn).handle(binding, {});
  return JSON.parse(JSON.stringify(state)) as unknown;
}
