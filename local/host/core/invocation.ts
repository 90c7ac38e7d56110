import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import type { LoadedApp } from './loaded-app.ts';
import { hookContext, type CoreInvocationContext, type InvocationModel } from './programming-model.ts';
import type { HostLog, InvocationRequest, InvocationResult, LogLevel, RegisteredFunction, TypedData } from './types.ts';

/**
 * Runs one function the way the real worker does: arguments, hooks, function, hooks, response.
 * @throws what the function, or a hook, threw
 */
export async function runInvocation(
  app: LoadedApp,
  fn: RegisteredFunction,
  request: InvocationRequest,
  log: HostLog,
): Promise<InvocationResult> {
  const core = coreContext(fn, request);
  core.log = logOf(app, fn, core.invocationId, log);
  const model = await app.model.getInvocationModel(core);
  const { context, inputs } = await model.getArguments();
  if ('triggerInput' in request) inputs[0] = request.triggerInput;
  const { result, error } = await runHooked({ app, fn, core, model, context, inputs });
  if (isStreamed(app, fn) && (error || result === null || result === undefined)) {
    return endStream({ model, context, error, fn, log });
  }
  if (error) throw error;
  const { outputData = [], returnValue } = await model.getResponse(context, result);
  const outputs: Record<string, TypedData> = {};
  for (const { name, data } of outputData) outputs[name] = data;
  return { outputs, returnValue };
}

function coreContext(fn: RegisteredFunction, request: InvocationRequest): CoreInvocationContext {
  const { id: functionId, name, bindings, retryOptions } = fn;
  const { invocationId = randomUUID(), inputs = {}, triggerMetadata = {}, retryContext, traceparent = '' } = request;
  return {
    invocationId,
    metadata: { name, functionId, bindings, retryOptions },
    request: {
      invocationId,
      functionId,
      inputData: Object.entries(inputs).map(([input, data]) => ({ name: input, data })),
      triggerMetadata,
      retryContext,
      traceContext: { traceParent: traceparent, traceState: '', attributes: {} },
    },
    state: undefined,
    log: () => undefined,
  };
}

function logOf(app: LoadedApp, fn: RegisteredFunction, invocationId: string, log: HostLog) {
  return (level: LogLevel, category: string, message: string): void => {
    const entry = { level, message, category };
    const hooks = app.registrations.hooks.log;
    if (hooks.length > 0) {
      const context = hookContext(entry, { hookData: {}, appHookData: app.appHookData });
      for (const hook of hooks) hook(context);
    }
    const source = category === 'user' ? `Function.${fn.name}.User` : `Function.${fn.name}`;
    log(entry.level, source, entry.message, invocationId);
  };
}

interface Running {
  app: LoadedApp;
  fn: RegisteredFunction;
  core: CoreInvocationContext;
  model: InvocationModel;
  context: unknown;
  inputs: unknown[];
}

/** Hooks before may replace inputs and callback; hooks after run even on failure and may replace result and error. */
async function runHooked(running: Running): Promise<{ result: unknown; error: Error | undefined }> {
  const { app, fn, core, model, context, inputs } = running;
  const { preInvocation, postInvocation } = app.registrations.hooks;
  const shared = { hookData: {}, appHookData: app.appHookData, invocationContext: context };
  const before = { functionCallback: fn.callback, inputs };
  if (preInvocation.length > 0) {
    hookContext(before, shared);
    core.state = 'preInvocationHooks';
    for (const hook of preInvocation) await hook(before);
  }
  const after: { inputs: unknown[]; result: unknown; error: unknown } = {
    inputs: before.inputs,
    result: null,
    error: null,
  };
  core.state = 'invocation';
  try {
    after.result = await model.invokeFunction(context, before.inputs, before.functionCallback);
  } catch (error) {
    after.error = asError(error);
  }
  core.state = undefined;
  if (postInvocation.length > 0) {
    hookContext(after, shared);
    core.state = 'postInvocationHooks';
    for (const hook of postInvocation) await hook(after);
    core.state = undefined;
  }
  const failed = after.error !== null && after.error !== undefined;
  return { result: after.result, error: failed ? asError(after.error) : undefined };
}

/** An app may throw anything. */
function asError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown;
  return new Error(typeof thrown === 'string' ? thrown : inspect(thrown));
}

function isStreamed(app: LoadedApp, fn: RegisteredFunction): boolean {
  return app.streamServer !== undefined && fn.trigger.type.toLowerCase() === 'httptrigger';
}

interface Ending {
  model: InvocationModel;
  context: unknown;
  error: Error | undefined;
  fn: RegisteredFunction;
  log: HostLog;
}

/** Lets the library answer, so that it forgets the request: on the real host this caller would wait in vain. */
async function endStream({ model, context, error, fn, log }: Ending): Promise<InvocationResult> {
  const what = error ? 'threw' : 'returned nothing';
  log(
    'warning',
    `Function.${fn.name}`,
    `A streamed HTTP function ${what}. In Azure its caller would get no answer until the gateway gives up (230 s): catch every error and return a response.`,
  );
  await model.getResponse(context, { status: error ? 500 : 204 });
  if (error) throw error;
  return { outputs: {} };
}
