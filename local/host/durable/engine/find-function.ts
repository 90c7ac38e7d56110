import type { FunctionApp, RegisteredFunction } from '../../core/types.ts';

export type DurableTrigger = 'orchestrationTrigger' | 'activityTrigger';

/** The app's function of that name, as it is loaded now; names ignore case, as on the real host. */
export function findFunction(app: FunctionApp, trigger: DurableTrigger, name: string): RegisteredFunction | undefined {
  const wanted = name.toLowerCase();
  return ofTrigger(app, trigger).find((fn) => fn.name.toLowerCase() === wanted);
}

const KIND: Readonly<Record<DurableTrigger, string>> = {
  orchestrationTrigger: 'orchestrator',
  activityTrigger: 'activity',
};

/** The real host's sentence for a function that is not there (DurableTaskExtension.cs). */
export function unknownFunctionMessage(app: FunctionApp, trigger: DurableTrigger, name: string): string {
  const kind = KIND[trigger];
  const known = ofTrigger(app, trigger).map((fn) => `'${fn.name}'`);
  const others =
    known.length > 0
      ? `The following are the known ${kind} functions: ${known.join(', ')}.`
      : `No ${kind} functions are currently registered!`;
  return `The function '${name}' doesn't exist, is disabled, or is not an ${kind} function. Additional info: ${others}`;
}

function ofTrigger(app: FunctionApp, trigger: DurableTrigger): RegisteredFunction[] {
  return app.functions().filter((fn) => fn.trigger.type.toLowerCase() === trigger.toLowerCase());
}
