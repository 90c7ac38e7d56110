import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BindingData, InvocationRequest, InvocationResult, RegisteredFunction } from '../core/types.ts';

/** One request on its way to one function. */
export interface HttpCall {
  readonly fn: RegisteredFunction;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Absolute address as the caller wrote it. */
  readonly url: URL;
  readonly params: Readonly<Record<string, string>>;
}

/** Runs a function and delivers its outputs. `bindingData` is what outputs may put into their paths. */
export type InvokeFunction = (
  fn: RegisteredFunction,
  request: InvocationRequest,
  bindingData: BindingData,
) => Promise<InvocationResult>;
