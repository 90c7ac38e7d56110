import { z } from 'zod';
import {
  systemError,
  type FunctionCallback,
  type HookCallback,
  type HookName,
  type ProgrammingModel,
} from './programming-model.ts';
import type { Binding, HostLog, LogLevel, RegisteredFunction } from './types.ts';

/** The worker and host whose contract this module follows; some libraries look at them. */
const WORKER_VERSION = '3.11.0';
const HOST_VERSION = '4.1037.0';

const TWO_COPIES =
  'Two copies of @azure/functions are loaded: what one of them is told, streaming for one, the other does not know. See npm ls @azure/functions.';

/** What the app has told the host through `@azure/functions-core`. */
export interface Registrations {
  readonly functions: Map<string, RegisteredFunction>;
  readonly hooks: Record<HookName, HookCallback[]>;
  model: ProgrammingModel | undefined;
  /** True once the app has started: functions can no longer be registered. */
  locked: boolean;
}

/** A registration as it comes from the app: any JavaScript value. */
const metadata = z.object({
  name: z.string().min(1),
  functionId: z.string().min(1).optional(),
  bindings: z.record(z.string(), z.looseObject({ type: z.string(), direction: z.enum(['in', 'out']).catch('in') })),
  retryOptions: z.unknown().optional(),
});

const hookNames = new Set<string>(['appStart', 'appTerminate', 'preInvocation', 'postInvocation', 'log']);

/** Undoes what it was made for, once. Libraries test for this very class: it is part of the module. */
class Disposable {
  #undo: (() => unknown) | undefined;

  static from(...disposables: { dispose(): unknown }[]): Disposable {
    return new Disposable(() => {
      for (const disposable of disposables) disposable.dispose();
    });
  }

  constructor(undo: () => unknown) {
    this.#undo = undo;
  }

  dispose(): unknown {
    const undo = this.#undo;
    this.#undo = undefined;
    return undo?.();
  }
}

/**
 * Makes the module `@azure/functions-core` for one load of an app.
 * @returns the module itself, and what the app registers through it
 */
export function createCoreModule(log: HostLog): { module: object; registrations: Registrations } {
  const registrations: Registrations = {
    functions: new Map(),
    hooks: { appStart: [], appTerminate: [], preInvocation: [], postInvocation: [], log: [] },
    model: undefined,
    locked: false,
  };
  const module = {
    version: WORKER_VERSION,
    hostVersion: HOST_VERSION,
    Disposable,
    registerHook: (name: string, callback: HookCallback) => addHook(registrations, name, callback),
    setProgrammingModel: (model: ProgrammingModel) => {
      // Each copy of the library brings its own, and only the last one counts.
      if (registrations.model) log('warning', 'Host.Startup', TWO_COPIES);
      registrations.model = model;
    },
    getProgrammingModel: () => registrations.model,
    log: (level: LogLevel, category: string, message: string) => {
      log(level, category === 'user' ? 'Function' : 'Host.Worker', message);
    },
    registerFunction: (given: unknown, callback: FunctionCallback) => addFunction(registrations, given, callback),
  };
  return { module, registrations };
}

function isHookName(name: string): name is HookName {
  return hookNames.has(name);
}

function addHook(registrations: Registrations, name: string, callback: HookCallback): Disposable {
  // The library finds out by this very error which hooks a host knows.
  if (!isHookName(name)) throw systemError(new RangeError(`Unrecognized hook "${name}"`));
  const hooks = registrations.hooks[name];
  hooks.push(callback);
  return new Disposable(() => {
    const at = hooks.indexOf(callback);
    if (at >= 0) hooks.splice(at, 1);
  });
}

function addFunction(registrations: Registrations, given: unknown, callback: FunctionCallback): Disposable {
  if (registrations.locked) {
    throw systemError(new Error('A function can only be registered during app startup.'));
  }
  const { name, functionId, bindings: registered, retryOptions } = metadata.parse(given);
  const id = functionId ?? name;
  if (registrations.functions.has(id)) {
    throw systemError(new Error(`A function with id "${id}" has already been registered.`));
  }
  const bindings: Record<string, Binding> = {};
  for (const [binding, settings] of Object.entries(registered)) bindings[binding] = { ...settings, name: binding };
  // Binding names are generated: only the type says which one is the trigger.
  const trigger = Object.values(bindings).find((binding) => /trigger$/i.test(binding.type));
  if (!trigger) throw systemError(new Error(`Function "${name}" has no trigger.`));
  registrations.functions.set(id, { id, name, bindings, trigger, retryOptions, callback });
  return new Disposable(() => registrations.functions.delete(id));
}
