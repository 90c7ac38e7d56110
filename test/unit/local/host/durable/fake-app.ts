import type { FunctionApp, InvocationRequest, RegisteredFunction } from '../../../../../local/host/core/types.ts';

type Answer = (request: InvocationRequest) => unknown;

/** An app whose functions answer what the SDK would: orchestrators a state, activities a value. */
export function fakeApp(
  orchestrators: Readonly<Record<string, Answer>>,
  activities: Readonly<Record<string, Answer>> = {},
): FunctionApp {
  const answers = new Map(Object.entries({ ...orchestrators, ...activities }));
  const functions = [
    ...Object.keys(orchestrators).map((name) => registered(name, 'orchestrationTrigger')),
    ...Object.keys(activities).map((name) => registered(name, 'activityTrigger')),
  ];
  return {
    functions: () => functions,
    invoke: async (fn, request) => {
      const value = await answers.get(fn.name)?.(request);
      return { outputs: {}, returnValue: value === undefined ? null : { json: JSON.stringify(value) } };
    },
  };
}

function registered(name: string, type: string): RegisteredFunction {
  const trigger = { name: 'trigger', type, direction: 'in' } as const;
  return { id: name, name, bindings: { trigger }, trigger, callback: () => undefined };
}

/** What the SDK answers for a function that has not returned. */
export const asksFor = (...actions: unknown[]): unknown => ({ isDone: false, actions: [actions] });
/** ... and for one that has. */
export const returns = (output: unknown, ...actions: unknown[]): unknown => ({
  isDone: true,
  actions: [actions],
  output,
});

export const callActivity = (functionName: string): unknown => ({ actionType: 0, functionName });

/** A promise to be settled from outside. */
export function gate(): { opened: Promise<void>; open: () => void } {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  return { opened: promise, open: () => resolve(undefined) };
}
