import type { DurableHttpRequest } from './http-request.ts';

/** What the history calls the activity behind `callHttp` (azure-functions-durable-extension, Options/HttpOptions.cs). */
export const HTTP_ACTIVITY = 'BuiltIn::HttpActivity';

/** New work of an orchestration, before it has its number. `input` is JSON text. */
export type DecisionOf =
  | { kind: 'activity'; name: string; input: string | null }
  | { kind: 'http'; name: typeof HTTP_ACTIVITY; request: DurableHttpRequest }
  | { kind: 'timer'; fireAt: number }
  | {
      kind: 'sub-orchestration';
      name: string;
      input: string | null;
      instanceId: string;
      version: string | undefined;
    };

/** New work of an orchestration, under the number that its result will name. */
export type Decision = DecisionOf & { number: number };
