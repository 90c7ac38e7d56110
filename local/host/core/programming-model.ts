/**
 * The contract between host and `@azure/functions`, as the library uses it
 * (azure-functions-nodejs-worker, types-core/index.d.ts).
 */
import type { Binding, InvocationRequest, LogLevel, TypedData } from './types.ts';

export type FunctionCallback = (...args: never[]) => unknown;

/** What the library implements; `setProgrammingModel` hands it over. */
export interface ProgrammingModel {
  name: string;
  version: string;
  getInvocationModel(context: CoreInvocationContext): InvocationModel | Promise<InvocationModel>;
  getCapabilities?(defaults: Record<string, string>): Promise<Record<string, string>> | Record<string, string>;
}

/** One invocation, as the library sees it. `context` is its InvocationContext: opaque to the host. */
export interface InvocationModel {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], callback: FunctionCallback): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<InvocationResponse>;
}

export interface InvocationResponse {
  outputData?: { name: string; data: TypedData }[];
  returnValue?: TypedData | null;
}

export interface CoreInvocationContext {
  invocationId: string;
  metadata: { name: string; functionId: string; bindings: Readonly<Record<string, Binding>>; retryOptions?: unknown };
  request: {
    invocationId: string;
    functionId: string;
    inputData: { name: string; data: TypedData }[];
    triggerMetadata: Record<string, TypedData>;
    retryContext?: InvocationRequest['retryContext'];
    traceContext: { traceParent: string; traceState: string; attributes: Record<string, string> };
  };
  /** The library warns of a log call outside the first two. */
  state: 'preInvocationHooks' | 'invocation' | 'postInvocationHooks' | undefined;
  log(level: LogLevel, category: string, message: string): void;
}

export type HookName = 'appStart' | 'appTerminate' | 'preInvocation' | 'postInvocation' | 'log';
export type HookCallback = (context: object) => unknown;

/**
 * Gives `fields` the data bags that hooks share. They are read-only: the library reports an assignment to the app.
 * @returns the same object
 */
export function hookContext<T extends object>(
  fields: T,
  shared: { hookData: object; appHookData: object; invocationContext?: unknown },
): T {
  for (const [key, value] of Object.entries(shared)) {
    Object.defineProperty(fields, key, {
      enumerable: true,
      get: (): unknown => value,
      set: () => {
        throw systemError(new TypeError(`Cannot assign to read only property '${key}'`));
      },
    });
  }
  return fields;
}

/** Marks an error as the platform's own: the library treats those differently from the app's. */
export function systemError<E extends Error>(error: E): E {
  return Object.assign(error, { isAzureFunctionsSystemError: true });
}
