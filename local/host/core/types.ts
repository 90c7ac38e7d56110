/**
 * The words that the parts of the host share. Shapes follow the worker's RPC contract
 * (azure-functions-nodejs-worker), because the unmodified `@azure/functions` library reads them.
 */

/** One value on its way between host and app. */
export interface TypedData {
  string?: string;
  json?: string;
  bytes?: Uint8Array;
  int?: number;
  double?: number;
  http?: unknown;
  /** A reference instead of the content: what a binding with `sdkBinding: true` is given. */
  modelBindingData?: { version: string; source: string; contentType: string; content: Uint8Array };
}

export interface Binding {
  name: string;
  type: string;
  direction: 'in' | 'out';
  /** The binding's other settings, as the app registered them (`%NAME%` already replaced). */
  [setting: string]: unknown;
}

export interface RegisteredFunction {
  id: string;
  name: string;
  bindings: Readonly<Record<string, Binding>>;
  trigger: Binding;
  retryOptions?: unknown;
  callback: (...args: never[]) => unknown;
}

export interface InvocationRequest {
  inputs?: Record<string, TypedData>;
  triggerMetadata?: Record<string, TypedData>;
  /** Replaces the first input after the library has decoded it: host and app share a heap, so no JSON round trip. */
  triggerInput?: unknown;
  invocationId?: string;
  traceparent?: string;
  retryContext?: { retryCount: number; maxRetryCount: number };
}

export interface InvocationResult {
  outputs: Record<string, TypedData>;
  returnValue?: TypedData | null;
}

/** A loaded app, as triggers and the Durable engine see it. */
export interface FunctionApp {
  functions(): readonly RegisteredFunction[];
  /** Runs one invocation: hooks, function, hooks. Rejects with what the function threw. */
  invoke(fn: RegisteredFunction, request: InvocationRequest): Promise<InvocationResult>;
}

export type LogLevel = 'trace' | 'debug' | 'information' | 'warning' | 'error' | 'critical' | 'none';
export type HostLog = (level: LogLevel, category: string, message: string, invocationId?: string) => void;

/** What `{name}` in a binding's path may stand for: route parameters, parts of a blob's name, fields of a message. */
export type BindingData = Readonly<Record<string, string>>;

/** Hands the values of output bindings (queue, blob ...) to whoever writes them. Rejects when one could not be written. */
export type DeliverOutputs = (
  fn: RegisteredFunction,
  outputs: Record<string, TypedData>,
  bindingData?: BindingData,
) => Promise<void>;

/** A plain request and answer, for the management API that answers at two addresses. */
export interface ApiRequest {
  method: string;
  /** Absolute address as the caller wrote it. */
  url: URL;
  headers: Readonly<Record<string, string | undefined>>;
  body: Uint8Array;
}

export interface ApiResponse {
  status: number;
  headers: Record<string, string>;
  body?: string;
}

/** What the Durable part gives the rest of the host. */
export interface Durable {
  start(): void;
  /** Lets running work items end, then closes the store. */
  stop(): Promise<void>;
  /** Text of the `durableClient` input binding. */
  clientPayload(): string;
  /** Answers `/runtime/webhooks/durabletask/...` (and, on its own loopback listener, the SDK's RPC address). */
  handle(request: ApiRequest): Promise<ApiResponse>;
}
