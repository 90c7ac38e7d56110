import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { readJsonFile } from './json-file.ts';
import { canonicalKeys, isObject } from './known-keys.ts';
import { StartError } from './start-error.ts';
import { parseTimeSpan } from './time-span.ts';

/** `hh:mm:ss`, in milliseconds. */
const timeSpan = z.string().transform((text, context) => {
  const ms = parseTimeSpan(text);
  if (ms !== undefined) return ms;
  context.addIssue({ code: 'custom', message: `"${text}" is no time span (hh:mm:ss)` });
  return z.NEVER;
});
/** Overrides from the environment are text, whatever the setting's type. */
const whole = z.coerce.number().int();
const levels = ['trace', 'debug', 'information', 'warning', 'error', 'critical', 'none'] as const;
const level = z.string().toLowerCase().pipe(z.enum(levels));
/** A section that has a meaning in Azure but none on one machine: accepted without a word. */
const noEffect = z.unknown().optional();

/** Default of the real host outside the Consumption plan. */
const DEFAULT_TIMEOUT_MS = 30 * 60_000;
/** `functionTimeout: "-1"` lifts the limit. */
const functionTimeout = z
  .string()
  .transform((text, context) => {
    const ms = text === '-1' ? Infinity : parseTimeSpan(text);
    if (ms !== undefined) return ms;
    context.addIssue({ code: 'custom', message: `"${text}" is no time span (hh:mm:ss), nor -1` });
    return z.NEVER;
  })
  .default(DEFAULT_TIMEOUT_MS);

const http = z
  .object({
    routePrefix: z.string().default('api'),
    customHeaders: z.record(z.string(), z.string()).default({}),
    maxOutstandingRequests: noEffect,
    maxConcurrentRequests: noEffect,
    dynamicThrottlesEnabled: noEffect,
    hsts: noEffect,
  })
  .prefault({});

/** Defaults: Microsoft.Azure.WebJobs.Extensions.Storage.Queues, QueuesOptions. */
const queues = z
  .object({
    maxPollingInterval: timeSpan.optional(),
    visibilityTimeout: timeSpan.default(0),
    batchSize: whole.min(1).max(32).default(16),
    newBatchThreshold: whole.min(0).optional(),
    maxDequeueCount: whole.min(1).default(5),
    messageEncoding: z
      .string()
      .toLowerCase()
      .pipe(z.enum(['base64', 'none']))
      .default('base64'),
  })
  .prefault({});

/** Defaults: Microsoft.Azure.WebJobs.Extensions.Storage.Blobs, BlobsOptions. */
const blobs = z
  .object({
    maxDegreeOfParallelism: whole.min(1).default(8 * availableParallelism()),
    poisonBlobThreshold: whole.min(1).default(5),
  })
  .prefault({});

const schema = z.object({
  version: z.literal('2.0'),
  functionTimeout,
  /** When given, only these functions run. */
  functions: z.array(z.string()).optional(),
  logging: z
    .object({
      logLevel: z.record(z.string(), level).default({}),
      fileLoggingMode: noEffect,
      console: noEffect,
      applicationInsights: noEffect,
    })
    .prefault({}),
  extensions: z
    .object({ http, queues, blobs, durableTask: z.record(z.string(), z.unknown()).default({}) })
    .prefault({}),
  extensionBundle: noEffect,
  concurrency: noEffect,
  healthMonitor: noEffect,
  singleton: noEffect,
  watchDirectories: noEffect,
  watchFiles: noEffect,
  managedDependency: noEffect,
  telemetryMode: noEffect,
});

/** host.json, checked and with the real host's defaults. Times in milliseconds. */
export type HostJson = z.infer<typeof schema>;

/** Settings of host.json that the environment overrides: `AzureFunctionsJobHost__extensions__http__routePrefix`. */
const OVERRIDE = /^AzureFunctionsJobHost(?:__|:)(.+)$/i;

/**
 * Reads host.json of an app.
 * @param environment where overrides are looked for
 * @returns the settings, and a sentence for each one that this host does not know
 * @throws StartError when the file is missing or wrong
 */
export function readHostJson(
  appFolder: string,
  environment: Readonly<Record<string, string | undefined>>,
): { hostJson: HostJson; warnings: string[] } {
  const path = join(appFolder, 'host.json');
  const raw = readJsonFile(path);
  if (raw === undefined) {
    throw new StartError(`There is no host.json in ${appFolder}: --app has to name the folder of a Functions app.`);
  }
  const unknownKeys: string[] = [];
  const canonical = canonicalKeys(withOverrides(raw, environment), schema, unknownKeys);
  const parsed = schema.safeParse(canonical);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue?.path.join('.') ?? '';
    const hint = where === 'version' ? 'it must have "version": "2.0"' : `${where}: ${issue?.message ?? 'wrong'}`;
    throw new StartError(`${path} is invalid: ${hint}.`);
  }
  const warnings = unknownKeys.map((key) => `host.json: this host does not know the setting "${key}" and ignores it.`);
  return { hostJson: parsed.data, warnings };
}

function withOverrides(raw: unknown, environment: Readonly<Record<string, string | undefined>>): unknown {
  if (!isObject(raw)) return raw;
  const copy = structuredClone(raw);
  for (const [name, value] of Object.entries(environment)) {
    const path = OVERRIDE.exec(name)?.[1]?.split(/__|:/);
    if (path && value !== undefined) override(copy, path, value);
  }
  return copy;
}

function override(target: Record<string, unknown>, path: readonly string[], value: string): void {
  const [first, ...rest] = path;
  if (first === undefined) return;
  const key = Object.keys(target).find((name) => name.toLowerCase() === first.toLowerCase()) ?? first;
  if (rest.length === 0) {
    target[key] = value;
    return;
  }
  const inner = target[key];
  const next = isObject(inner) ? inner : {};
  target[key] = next;
  override(next, rest, value);
}
