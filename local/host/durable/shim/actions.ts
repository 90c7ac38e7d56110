/**
 * What an orchestrator function answers with: all that it has asked for since the start of this execution, in the
 * order of its `yield`s, and how it ended. Read from the SDK's JSON.
 */

import type { DurableHttpRequest } from './http-request.ts';

/** npm:durable-functions, lib/src/actions/ActionType.js */
const ActionType = {
  CallActivity: 0,
  CallActivityWithRetry: 1,
  CallSubOrchestrator: 2,
  CallSubOrchestratorWithRetry: 3,
  ContinueAsNew: 4,
  CreateTimer: 5,
  WaitForExternalEvent: 6,
  CallEntity: 7,
  CallHttp: 8,
  SignalEntity: 9,
  WhenAny: 11,
  WhenAll: 12,
  LockEntities: 13,
  ReleaseEntities: 14,
} as const;

export interface RetryPolicy {
  firstDelayMs: number;
  maxAttempts: number;
  backoff: number;
  maxDelayMs: number | undefined;
  timeoutMs: number | undefined;
}

/** `input` is JSON text; null when none was given. */
export type Action =
  | { kind: 'activity'; name: string; input: string | null; retry: RetryPolicy | undefined }
  | {
      kind: 'sub-orchestration';
      name: string;
      input: string | null;
      instanceId: string | undefined;
      version: string | undefined;
      retry: RetryPolicy | undefined;
    }
  | { kind: 'timer'; fireAt: number; cancelled: boolean }
  | { kind: 'event'; name: string }
  | { kind: 'http'; request: DurableHttpRequest }
  | { kind: 'continue-as-new'; input: string | null }
  | { kind: 'any' | 'all'; actions: readonly Action[] };

export interface OrchestratorState {
  isDone: boolean;
  actions: readonly Action[];
  /** JSON text; null for undefined. */
  output: string | null;
  /** Message of what the function threw. */
  error: string | undefined;
  /** JSON text. */
  customStatus: string | null;
}

/** The orchestrator asked for something that this host does not do, or that makes no sense. */
export class UnsupportedActionError extends Error {
  override name = 'UnsupportedActionError';
}

/**
 * Reads the SDK's answer.
 * @throws UnsupportedActionError for entities, and for anything that is no orchestrator state
 */
export function parseOrchestratorState(value: unknown): OrchestratorState {
  const state = record(
    value,
    'The orchestrator function must return what df.app.orchestration makes of it; it returned',
  );
  // From replay schema V2 on the outer array has one element.
  const [actions] = list(state.actions);
  return {
    isDone: state.isDone === true,
    actions: list(actions).map(parseAction),
    output: json(state.output),
    error: typeof state.error === 'string' && state.error !== '' ? state.error : undefined,
    customStatus: json(state.customStatus),
  };
}

const ENTITY_ACTIONS = new Map<unknown, string>([
  [ActionType.CallEntity, 'callEntity'],
  [ActionType.SignalEntity, 'signalEntity'],
  [ActionType.LockEntities, 'lock'],
  [ActionType.ReleaseEntities, 'lock'],
]);

function parseAction(value: unknown): Action {
  const action = record(value, 'An action of an orchestrator must be an object, not');
  switch (action.actionType) {
    case ActionType.CallActivity:
    case ActionType.CallActivityWithRetry:
      return {
        kind: 'activity',
        name: text(action.functionName),
        input: json(action.input),
        retry: parseRetry(action.retryOptions),
      };
    case ActionType.CallSubOrchestrator:
    case ActionType.CallSubOrchestratorWithRetry:
      return {
        kind: 'sub-orchestration',
        name: text(action.functionName),
        input: json(action.input),
        instanceId: text(action.instanceId) || undefined,
        version: typeof action.version === 'string' ? action.version : undefined,
        retry: parseRetry(action.retryOptions),
      };
    case ActionType.ContinueAsNew:
      return { kind: 'continue-as-new', input: json(action.input) };
    case ActionType.CreateTimer:
      return { kind: 'timer', fireAt: instant(action.fireAt), cancelled: action.isCanceled === true };
    case ActionType.WaitForExternalEvent:
      return { kind: 'event', name: text(action.externalEventName) };
    case ActionType.CallHttp:
      return { kind: 'http', request: parseHttpRequest(action.httpRequest) };
    default:
      return parseComposed(action);
  }
}

function parseComposed(action: Record<string, unknown>): Action {
  switch (action.actionType) {
    case ActionType.WhenAny:
      return { kind: 'any', actions: list(action.compoundActions).map(parseAction) };
    case ActionType.WhenAll:
      return { kind: 'all', actions: list(action.compoundActions).map(parseAction) };
    default:
      throw unsupported(action.actionType);
  }
}

function unsupported(actionType: unknown): UnsupportedActionError {
  const entity = ENTITY_ACTIONS.get(actionType);
  return new UnsupportedActionError(
    entity
      ? `${entity}: this host has no durable entities.`
      : `Received an unexpected action type from the out-of-proc function: '${String(actionType)}'.`,
  );
}

function parseRetry(value: unknown): RetryPolicy | undefined {
  if (value === undefined || value === null) return undefined;
  const options = record(value, 'retryOptions must be a RetryOptions, not');
  return {
    firstDelayMs: number(options.firstRetryIntervalInMilliseconds) ?? 0,
    maxAttempts: number(options.maxNumberOfAttempts) ?? 1,
    backoff: number(options.backoffCoefficient) ?? 1,
    maxDelayMs: number(options.maxRetryIntervalInMilliseconds),
    timeoutMs: number(options.retryTimeoutInMilliseconds),
  };
}

function parseHttpRequest(value: unknown): DurableHttpRequest {
  const request = record(value, 'callHttp needs a request, not');
  const source = typeof request.tokenSource === 'object' && request.tokenSource !== null ? request.tokenSource : {};
  const headers = typeof request.headers === 'object' && request.headers !== null ? request.headers : {};
  return {
    method: text(request.method) || 'GET',
    uri: text(request.uri),
    content: typeof request.content === 'string' ? request.content : undefined,
    headers: Object.fromEntries(Object.entries(headers).map(([name, header]) => [name, String(header)])),
    tokenResource: 'resource' in source ? text(source.resource) : undefined,
    polling: request.asynchronousPatternEnabled !== false,
  };
}

function record(value: unknown, complaint: string): Record<string, unknown> {
  if (!isRecord(value)) throw new UnsupportedActionError(`${complaint} ${value === null ? 'null' : typeof value}.`);
  return value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function instant(value: unknown): number {
  const at = typeof value === 'string' || value instanceof Date ? new Date(value).getTime() : NaN;
  if (Number.isNaN(at)) throw new UnsupportedActionError(`createTimer needs a valid date, not ${String(value)}.`);
  return at;
}

function json(value: unknown): string | null {
  return value === undefined || value === null ? null : JSON.stringify(value);
}
