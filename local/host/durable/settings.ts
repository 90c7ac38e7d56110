import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { canonicalKeys } from '../core/known-keys.ts';
import { StartError } from '../core/start-error.ts';

/** host.json, `extensions.durableTask`, with the real host's defaults. */
export interface DurableSettings {
  hubName: string | undefined;
  maxConcurrentActivities: number;
  maxConcurrentOrchestrators: number;
  /** Pause between polls of `callHttp` when the answer names none. */
  httpPollMs: number;
  /** Version of orchestrations that are started without one. */
  defaultVersion: string | null;
  /** Whether a start under the id of a running orchestration replaces it. */
  replaceRunning: boolean;
  /** Whether the history keeps the inputs of activities. */
  storeInputs: boolean;
  /** Longest timer that is not split; longer ones become pieces. */
  maxTimerMs: number;
  timerPieceMs: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** azure-functions-durable-extension, DurabilityProvider.cs: MaximumDelayTime and LongRunningTimerIntervalLength. */
const MAX_TIMER_MS = 6 * DAY_MS;
const TIMER_PIECE_MS = 3 * DAY_MS;
/** azure-functions-durable-extension, Options/HttpOptions.cs */
const DEFAULT_HTTP_POLL_MS = 30_000;
/** azure-functions-durable-extension, DurableTaskOptions.cs: ten for each core. */
const DEFAULT_CONCURRENCY = 10 * availableParallelism();

const whole = z.coerce.number().int();
const flag = z.union([z.boolean(), z.stringbool()]);
/** Has a meaning in Azure but none on one machine: accepted without a word. */
const noEffect = z.unknown().optional();

const schema = z.object({
  hubName: z.string().min(1).optional(),
  defaultVersion: z.string().optional(),
  maxConcurrentActivityFunctions: whole.min(1).default(DEFAULT_CONCURRENCY),
  maxConcurrentOrchestratorFunctions: whole.min(1).default(DEFAULT_CONCURRENCY),
  overridableExistingInstanceStates: z.enum(['NonRunningStates', 'AnyState']).default('NonRunningStates'),
  storeInputsInOrchestrationHistory: flag.default(false),
  httpSettings: z
    .object({ defaultAsyncRequestSleepTimeMilliseconds: whole.min(1).default(DEFAULT_HTTP_POLL_MS) })
    .prefault({}),
  storageProvider: noEffect,
  tracing: noEffect,
  maxConcurrentEntityFunctions: noEffect,
  maxEntityOperationBatchSize: noEffect,
  maxOrchestrationActions: noEffect,
  entityMessageReorderWindowInMinutes: noEffect,
  rollbackEntityOperationsOnExceptions: noEffect,
  extendedSessionsEnabled: noEffect,
  extendedSessionIdleTimeoutInSeconds: noEffect,
  useGracefulShutdown: noEffect,
  useAppLease: noEffect,
  appLeaseOptions: noEffect,
  localRpcEndpointEnabled: noEffect,
  throwStatusExceptionsOnRaiseEvent: noEffect,
});

/**
 * Reads the section.
 * @param environment where `%NAME%` as the hub's name is looked up
 * @returns the settings, and a sentence for each one that this host does not know
 * @throws StartError when a value is wrong
 */
export function parseDurableSettings(
  section: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): { settings: DurableSettings; warnings: string[] } {
  const unknownKeys: string[] = [];
  const parsed = schema.safeParse(canonicalKeys(section, schema, unknownKeys, 'extensions.durableTask'));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = ['extensions.durableTask', ...(issue?.path ?? [])].join('.');
    throw new StartError(`host.json is invalid: ${where}: ${issue?.message ?? 'wrong'}.`);
  }
  const { data } = parsed;
  return {
    settings: {
      hubName: data.hubName === undefined ? undefined : resolveHubName(data.hubName, environment),
      maxConcurrentActivities: data.maxConcurrentActivityFunctions,
      maxConcurrentOrchestrators: data.maxConcurrentOrchestratorFunctions,
      httpPollMs: data.httpSettings.defaultAsyncRequestSleepTimeMilliseconds,
      defaultVersion: data.defaultVersion ?? null,
      replaceRunning: data.overridableExistingInstanceStates === 'AnyState',
      storeInputs: data.storeInputsInOrchestrationHistory,
      maxTimerMs: MAX_TIMER_MS,
      timerPieceMs: TIMER_PIECE_MS,
    },
    warnings: unknownKeys.map((key) => `host.json: this host does not know the setting "${key}" and ignores it.`),
  };
}

/** Task hubs name tables and queues in Azure: letters and digits only. */
const HUB_NAME = /^[A-Za-z][A-Za-z0-9]{2,44}$/;

function resolveHubName(name: string, environment: Readonly<Record<string, string | undefined>>): string {
  const setting = /^%([^%]+)%$/.exec(name)?.[1];
  const resolved = setting === undefined ? name : environment[setting];
  if (resolved === undefined) {
    throw new StartError(
      `host.json: extensions.durableTask.hubName is ${name}, but there is no app setting of that name.`,
    );
  }
  if (HUB_NAME.test(resolved)) return resolved;
  throw new StartError(
    `host.json: extensions.durableTask.hubName is '${resolved}': it has to be 3 to 45 letters and digits, and begin with a letter.`,
  );
}
