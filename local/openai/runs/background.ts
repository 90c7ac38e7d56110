import { pause, untilAborted } from '../clock.ts';
import { DEFAULT_QUEUED_MS, DEFAULT_RUNNING_MS } from '../limits.ts';
import { isTerminal } from '../store/record.ts';
import type { Responses } from '../store/responses.ts';
import type { Run, Steps } from './run.ts';

/** Makes the first step of the mind. */
type Begin = (signal: AbortSignal) => Promise<Steps>;

/** The background runs under way. */
export interface Runs {
  /** Takes the run through its states; `think` makes the first step of the mind when its time has come. */
  start(run: Run, think: Begin): void;
  get(id: string): Run | undefined;
  /** Ends the run as cancelled. @returns false when it is not under way. */
  cancel(id: string): boolean;
  /** Stops the run without a trace. */
  abandon(id: string): void;
  count(): number;
  /** Stops all; the records stay as they are, so that a restart takes them up again. */
  stop(): void;
}

interface Active {
  run: Run;
  controller: AbortController;
}

export function createRuns(responses: Responses, thinkMs: number): Runs {
  const active = new Map<string, Active>();

  const abandon = (id: string) => {
    const entry = active.get(id);
    active.delete(id);
    entry?.controller.abort();
    entry?.run.log?.close();
  };
  const lose = (id: string) => {
    abandon(id);
    responses.delete(id);
  };

  const drive = async ({ run, controller: { signal } }: Active, think: Begin): Promise<void> => {
    const vanish = run.plan.find('vanish');
    if (vanish) {
      await pause(vanish.afterMs, signal);
      if (!signal.aborted) lose(run.response.id);
      return;
    }
    await leaveQueue(run, signal);
    if (signal.aborted) return;
    run.start();
    // From here on it is paid for.
    const [steps] = await Promise.all([think(signal), work(responses, run, thinkMs, signal)]);
    await run.take(steps, signal);
  };

  return {
    start(run, think) {
      const { id } = run.response;
      const entry = { run, controller: new AbortController() };
      active.set(id, entry);
      void drive(entry, think)
        .catch((error: unknown) => {
          if (active.get(id) === entry) run.fail(error);
        })
        .then(() => {
          // Whoever stopped the run has already seen to its end.
          if (active.get(id) !== entry) return;
          active.delete(id);
          keep(responses, run);
          // A run that failed early may have left a pause behind.
          entry.controller.abort();
        });
    },
    get: (id) => active.get(id)?.run,
    cancel(id) {
      const entry = active.get(id);
      if (!entry) return false;
      active.delete(id);
      entry.controller.abort();
      entry.run.cancel();
      keep(responses, entry.run);
      return true;
    },
    abandon,
    count: () => active.size,
    stop() {
      for (const { controller, run } of active.values()) {
        controller.abort();
        run.log?.close();
      }
      active.clear();
    },
  };
}

/** Over when the run may begin. */
async function leaveQueue({ plan, response }: Run, signal: AbortSignal): Promise<void> {
  if (plan.find('stuck')?.state === 'queued') await untilAborted(signal);
  // A run taken up after a restart may have left the queue before.
  else if (response.status === 'queued') await pause(plan.find('pace')?.queuedMs ?? DEFAULT_QUEUED_MS, signal);
}

/** Over when the run has been under way as long as it is to be. */
async function work(responses: Responses, run: Run, thinkMs: number, signal: AbortSignal): Promise<void> {
  const { plan, response, record } = run;
  const strange = plan.find('unknown_status');
  if (strange) response.status = strange.status;
  responses.put(record);
  if (strange || plan.find('stuck')?.state === 'in_progress') await untilAborted(signal);
  else await pause(plan.find('pace')?.runningMs ?? DEFAULT_RUNNING_MS + thinkMs, signal);
}

function keep(responses: Responses, { record, log }: Run): void {
  responses.put(record);
  if (log && isTerminal(record.response.status)) {
    responses.saveFrames(
      record.response.id,
      log.frames.map(({ json }) => json),
    );
  }
}
