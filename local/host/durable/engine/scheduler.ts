import { describe } from '../../core/hosted-app.ts';
import type { HostLog } from '../../core/types.ts';
import type { ActivityTask } from '../store/records.ts';
import { DueTimes } from './due-times.ts';
import { steadyNow } from './steady-clock.ts';

/** `again`: to be run once more. `expecting`: over, and the ends of several tasks are still to come. */
export type TurnEnd = 'over' | 'again' | 'expecting';

export interface SchedulerOptions {
  maxTurns: number;
  maxActivities: number;
  /** One turn of an orchestration. Once `signal` is aborted, it must not touch the store any more. */
  runTurn(instanceId: string, signal: AbortSignal): Promise<TurnEnd>;
  /** One activity; same rule. Resolves with false to be run again. */
  runActivity(task: ActivityTask, signal: AbortSignal): Promise<boolean>;
  log: HostLog;
}

/** Longest delay that setTimeout takes; a later timer is armed again. */
const MAX_DELAY_MS = 2 ** 31 - 1;
/** Pause before something is run again that failed for no reason of the app's (a full disk, an app being reloaded). */
const RETRY_DELAY_MS = 500;
/** Above this, an orchestration that expects more rests as long as its turn took: the next replay serves them all. */
const LONG_TURN_MS = 2;
const MAX_REST_MS = 250;

/**
 * Decides what runs when: one turn of an orchestration at a time, no more of each kind than allowed, and the event loop
 * gets its turn between any two, so that HTTP is answered meanwhile. No polling: idle means no timer at all.
 */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #ready = new Set<string>();
  readonly #turning = new Set<string>();
  readonly #resting = new Set<string>();
  readonly #activities: ActivityTask[] = [];
  #runningActivities = 0;
  readonly #dueTimes = new DueTimes();
  readonly #stopped = new AbortController();
  #stopping = false;
  #pumpQueued = false;
  #alarm: NodeJS.Timeout | undefined;
  #whenIdle: (() => void) | undefined;

  constructor(options: SchedulerOptions) {
    this.#options = options;
  }

  /** Looks at the orchestration's inbox as soon as may be. */
  wake(instanceId: string): void {
    this.#ready.add(instanceId);
    this.#queuePump();
  }

  /** Looks at the orchestration's inbox at `at` (ms since 1970). */
  wakeAt(at: number, instanceId: string): void {
    const earliest = this.#dueTimes.next ?? Infinity;
    this.#dueTimes.add(at, instanceId);
    if (at < earliest) this.#armAlarm();
  }

  addActivities(tasks: readonly ActivityTask[]): void {
    for (const task of tasks) this.#activities.push(task);
    this.#queuePump();
  }

  /** Starts nothing more, and gives what runs `graceMs` to end; after that its ends count for nothing. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#alarm);
    if (this.#isBusy) {
      let grace: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve;
        grace = setTimeout(resolve, graceMs);
      });
      clearTimeout(grace);
    }
    this.#stopped.abort();
  }

  get #isBusy(): boolean {
    return this.#turning.size > 0 || this.#runningActivities > 0;
  }

  #armAlarm(): void {
    clearTimeout(this.#alarm);
    const next = this.#dueTimes.next;
    if (this.#stopping || next === undefined) return;
    const delay = Math.min(Math.max(next - steadyNow(), 0), MAX_DELAY_MS);
    this.#alarm = setTimeout(() => {
      for (const instanceId of this.#dueTimes.takeDue(steadyNow())) this.wake(instanceId);
      this.#armAlarm();
    }, delay);
  }

  #queuePump(): void {
    if (this.#pumpQueued || this.#stopping) return;
    this.#pumpQueued = true;
    setImmediate(() => {
      this.#pumpQueued = false;
      if (this.#stopping) return;
      // At most one of each, then the event loop: a turn runs to its end without leaving it.
      const turn = this.#startTurn();
      const activity = this.#startActivity();
      if (turn || activity) this.#queuePump();
    });
  }

  #startTurn(): boolean {
    if (this.#turning.size >= this.#options.maxTurns) return false;
    for (const instanceId of this.#ready) {
      if (this.#turning.has(instanceId) || this.#resting.has(instanceId)) continue;
      this.#ready.delete(instanceId);
      this.#turning.add(instanceId);
      void this.#turn(instanceId);
      return true;
    }
    return false;
  }

  async #turn(instanceId: string): Promise<void> {
    const begin = performance.now();
    let end: TurnEnd = 'again';
    try {
      end = await this.#options.runTurn(instanceId, this.#stopped.signal);
    } catch (error) {
      this.#options.log('error', 'Host.Durable', `Orchestration ${instanceId}: ${describe(error)}`);
    }
    if (end === 'again') this.wakeAt(steadyNow() + RETRY_DELAY_MS, instanceId);
    if (end === 'expecting') this.#rest(instanceId, performance.now() - begin);
    this.#turning.delete(instanceId);
    this.#ended();
  }

  /** Every turn replays the whole history: a wide fan-out must not pay for that once for each of its activities. */
  #rest(instanceId: string, tookMs: number): void {
    if (tookMs < LONG_TURN_MS) return;
    this.#resting.add(instanceId);
    const wakeUp = (): void => {
      this.#resting.delete(instanceId);
      this.#queuePump();
    };
    setTimeout(wakeUp, Math.min(tookMs, MAX_REST_MS)).unref();
  }

  #startActivity(): boolean {
    if (this.#runningActivities >= this.#options.maxActivities) return false;
    const task = this.#activities.shift();
    if (!task) return false;
    this.#runningActivities += 1;
    void this.#activity(task);
    return true;
  }

  async #activity(task: ActivityTask): Promise<void> {
    let over = false;
    try {
      over = await this.#options.runActivity(task, this.#stopped.signal);
    } catch (error) {
      this.#options.log('error', 'Host.Durable', `Activity ${task.name} of ${task.instanceId}: ${describe(error)}`);
    }
    if (!over && !this.#stopping) {
      setTimeout(() => {
        this.addActivities([task]);
      }, RETRY_DELAY_MS).unref();
    }
    this.#runningActivities -= 1;
    this.#ended();
  }

  #ended(): void {
    if (this.#stopping) {
      if (!this.#isBusy) this.#whenIdle?.();
    } else {
      this.#queuePump();
    }
  }
}
