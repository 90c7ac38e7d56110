import { z } from 'zod';
import { describe } from '../core/hosted-app.ts';
import { AppRestarted } from '../core/in-flight.ts';
import { StartError } from '../core/start-error.ts';
import type { HostLog, InvocationRequest, RegisteredFunction } from '../core/types.ts';
import type { InvokeFunction } from '../http/call.ts';
import { runWithRetries } from './function-retry.ts';
import type { Listener } from './listener.ts';
import type { StorageConnections } from './storage-connections.ts';
import { parseSchedule, type TimerSchedule } from './timer-schedule.ts';
import { createTimerStatusStore, type TimerStatusStore } from './timer-status.ts';

export interface TimerTriggerOptions {
  functions: readonly RegisteredFunction[];
  connections: StorageConnections;
  hostId: string;
  /** `WEBSITE_TIME_ZONE` */
  timeZone: string | undefined;
  invoke: InvokeFunction;
  log: HostLog;
}

/** Longest delay that setTimeout takes: a later moment is waited for in pieces. */
const MAX_DELAY_MS = 2 ** 31 - 1;
/** Schedules below this are not monitored unless asked for (the real extension's rule). */
const MONITORED_FROM_MS = 60_000;

const trigger = z.object({
  schedule: z.string(),
  runOnStartup: z.boolean().default(false),
  useMonitor: z.boolean().optional(),
});

/** Runs timer functions: never two runs of one function at a time, missed runs made up for once. */
export function createTimerTrigger(options: TimerTriggerOptions): Listener {
  // Wrong schedules are named before anything is asked of storage.
  const make = options.functions.map((fn) => planTimer(options, fn));
  const timers: Listener[] = [];
  return {
    async start() {
      if (make.length === 0) return;
      const hostContainer = (await options.connections.blobs(undefined)).getContainerClient('azure-webjobs-hosts');
      await hostContainer.createIfNotExists();
      const store = createTimerStatusStore(hostContainer, options.hostId);
      timers.push(...make.map((timer) => timer(store)));
      await Promise.all(timers.map((timer) => timer.start()));
    },
    async stop() {
      await Promise.all(timers.map((timer) => timer.stop()));
    },
  };
}

function planTimer(options: TimerTriggerOptions, fn: RegisteredFunction): (store: TimerStatusStore) => Listener {
  const parsed = trigger.safeParse(fn.trigger);
  if (!parsed.success) throw new StartError(`Function '${fn.name}': its timer trigger has no schedule.`);
  const { runOnStartup, useMonitor } = parsed.data;
  const schedule = parseSchedule(parsed.data.schedule, fn.name, options.timeZone);
  const isMonitored = useMonitor ?? intervalMs(schedule) >= MONITORED_FROM_MS;
  return (store) => createTimer(options, { fn, schedule, runOnStartup, isMonitored, store });
}

interface Timer {
  fn: RegisteredFunction;
  schedule: TimerSchedule;
  runOnStartup: boolean;
  isMonitored: boolean;
  store: TimerStatusStore;
}

function createTimer(options: TimerTriggerOptions, timer: Timer): Listener {
  const { fn, schedule, runOnStartup, isMonitored, store } = timer;
  const stopping = new AbortController();
  let waiting: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();

  function waitFor(moment: Date | undefined): void {
    if (stopping.signal.aborted || !moment) return;
    const ms = moment.getTime() - Date.now();
    if (ms > MAX_DELAY_MS) waiting = setTimeout(() => waitFor(moment), MAX_DELAY_MS);
    else waiting = setTimeout(() => fire(moment, false), Math.max(0, ms));
  }

  function fire(due: Date, isPastDue: boolean): void {
    running = run(due, isPastDue).catch((error: unknown) => {
      options.log('error', 'Host.Triggers.Timers', describe(error));
    });
    void running.then(() => waitFor(schedule.next(later(due, new Date()))));
  }

  async function run(due: Date, isPastDue: boolean): Promise<void> {
    const before = isMonitored ? await store.read(fn.name) : undefined;
    try {
      await runTimer(options, fn, timerInvocation(fn, isPastDue, before), stopping.signal);
    } catch (error) {
      if (!(error instanceof AppRestarted)) options.log('error', `Function.${fn.name}`, describe(error));
    }
    if (!isMonitored) return;
    const last = later(due, new Date());
    await store.write(fn.name, { Last: last, Next: schedule.next(last) ?? last, LastUpdated: new Date() });
  }

  return {
    async start() {
      const now = new Date();
      const status = isMonitored ? await store.read(fn.name) : undefined;
      if (status && status.Next < now) {
        fire(now, true);
      } else if (runOnStartup) {
        fire(now, false);
      } else {
        waitFor(schedule.next(now));
        const next = schedule.next(now);
        if (isMonitored && !status && next)
          await store.write(fn.name, { Last: new Date(0), Next: next, LastUpdated: now });
      }
    },
    async stop() {
      stopping.abort();
      clearTimeout(waiting);
      await running;
    },
  };
}

/** Runs a timer function once, with the retries of its policy. Throws what the last attempt threw. */
export function runTimer(
  { invoke, log }: Pick<TimerTriggerOptions, 'invoke' | 'log'>,
  fn: RegisteredFunction,
  request: InvocationRequest,
  signal: AbortSignal,
): Promise<void> {
  return runWithRetries(fn, (retryContext) => invoke(fn, { ...request, retryContext }, {}), { log, signal });
}

/** Builds the invocation of a timer function; the library turns the names into camel case. */
export function timerInvocation(
  fn: RegisteredFunction,
  isPastDue: boolean,
  status?: { Last: Date; Next: Date; LastUpdated: Date },
): InvocationRequest {
  const timer = { Schedule: { AdjustForDST: true }, ScheduleStatus: status ?? null, IsPastDue: isPastDue };
  return { inputs: { [fn.trigger.name]: { json: JSON.stringify(timer) } } };
}

function intervalMs(schedule: TimerSchedule): number {
  const first = schedule.next(new Date());
  const second = first && schedule.next(first);
  return first && second ? second.getTime() - first.getTime() : Infinity;
}

function later(a: Date, b: Date): Date {
  return a > b ? a : b;
}
