import { StartError } from './start-error.ts';
import type { Binding, RegisteredFunction } from './types.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const TRIGGERS = new Set([
  'httptrigger',
  'blobtrigger',
  'queuetrigger',
  'timertrigger',
  'orchestrationtrigger',
  'activitytrigger',
  // Fires when an instance is added: never on one machine.
  'warmuptrigger',
]);
const INPUTS = new Set(['durableclient', 'orchestrationclient']);
const OUTPUTS = new Set(['http', 'queue', 'blob']);

/**
 * Picks the functions that run: not disabled, in host.json's list if it has one, with settings filled in.
 * @throws StartError naming function and binding when this host cannot do what a function asks for
 */
export function functionsToRun(
  registered: readonly RegisteredFunction[],
  environment: Environment,
  listed: readonly string[] | undefined,
): RegisteredFunction[] {
  const wanted = listed && new Set(listed.map((name) => name.toLowerCase()));
  return registered
    .filter((fn) => (wanted?.has(fn.name.toLowerCase()) ?? true) && !isDisabled(fn.name, environment))
    .map((fn) => {
      refuseUnsupported(fn);
      return withSettings(fn, environment);
    });
}

/** `AzureWebJobs.<function>.Disabled`, or with underscores where a shell takes no dots. */
export function isDisabled(name: string, environment: Environment): boolean {
  const value = environment[`AzureWebJobs.${name}.Disabled`] ?? environment[`AzureWebJobs_${name}_Disabled`];
  return value === '1' || value?.toLowerCase() === 'true';
}

function refuseUnsupported(fn: RegisteredFunction): void {
  for (const binding of Object.values(fn.bindings)) {
    const type = binding.type.toLowerCase();
    const [known, role] =
      binding === fn.trigger
        ? [TRIGGERS, 'trigger']
        : binding.direction === 'in'
          ? [INPUTS, 'input']
          : [OUTPUTS, 'output'];
    if (known.has(type)) continue;
    throw new StartError(
      `Function '${fn.name}' has the ${role} binding '${binding.name}' of type '${binding.type}', which this host does not do. ` +
        `Set AzureWebJobs.${fn.name}.Disabled=true to run the app without this function.`,
    );
  }
}

function withSettings(fn: RegisteredFunction, environment: Environment): RegisteredFunction {
  const bindings: Record<string, Binding> = {};
  for (const [name, binding] of Object.entries(fn.bindings)) {
    const filled: Binding = { ...binding };
    for (const [setting, value] of Object.entries(binding)) {
      if (typeof value === 'string') filled[setting] = fillSettings(value, environment, `${fn.name}, binding ${name}`);
    }
    bindings[name] = filled;
  }
  const trigger = bindings[fn.trigger.name] ?? fn.trigger;
  return { ...fn, bindings, trigger };
}

/**
 * Replaces each `%NAME%` by the app setting of that name.
 * @throws StartError when there is no such setting
 */
export function fillSettings(text: string, environment: Environment, where: string): string {
  return text.replaceAll(/%([^%\s]+)%/g, (_whole, name: string) => {
    const value = environment[name];
    if (value !== undefined) return value;
    throw new StartError(
      `Function ${where}: '%${name}%' does not resolve to a value. Set ${name} in the app settings.`,
    );
  });
}
