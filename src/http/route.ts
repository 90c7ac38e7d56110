import { app, type FunctionInput, type HttpMethod, type HttpResponseInit } from '@azure/functions';
import { answer, answerAll, type AnswerDeps, type Handle } from './answer.ts';

export interface RouteOptions {
  /** `durableClient` for handlers that start orchestrations. */
  extraInputs?: FunctionInput[];
}

/** Registers one HTTP function. Every caller is checked in the app, so the platform's own keys stay out of it. */
export function route(
  deps: AnswerDeps,
  name: string,
  methods: HttpMethod[],
  path: string,
  handle: Handle,
  options: RouteOptions = {},
): void {
  app.http(name, {
    methods,
    route: path,
    authLevel: 'anonymous',
    handler: answer(deps, name, path, handle),
    ...options,
  });
}

/**
 * Registers an operation of the API under its address `openai/v1/...` and under the dated Azure form `openai/...`,
 * which the `AzureOpenAI` class uses when it is given an `endpoint`.
 */
export function apiRoute(
  deps: AnswerDeps,
  name: string,
  methods: HttpMethod[],
  path: string,
  handle: Handle,
  options: RouteOptions = {},
): void {
  route(deps, name, methods, `openai/v1/${path}`, handle, options);
  route(deps, `${name}Dated`, methods, `openai/${path}`, handle, options);
}

/** Registers an HTTP function that asks nobody who they are, and gives everybody the same. */
export function openRoute(name: string, methods: HttpMethod[], path: string, result: HttpResponseInit): void {
  app.http(name, { methods, route: path, authLevel: 'anonymous', handler: answerAll(result) });
}
