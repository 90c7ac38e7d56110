import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { evaluate, type Sight } from './workflow-expressions.ts';

const action = z.looseObject({ type: z.string(), runAfter: z.record(z.string(), z.array(z.string())).default({}) });
const actions = z.record(z.string(), action);
const workflow = z.object({
  definition: z.object({
    $schema: z.string(),
    contentVersion: z.string(),
    parameters: z.record(z.string(), z.looseObject({ type: z.string(), defaultValue: z.unknown().optional() })),
    triggers: z.record(z.string(), z.looseObject({ type: z.string() })),
    actions,
    outputs: z.object({}),
  }),
});
const http = z.object({
  method: z.string(),
  uri: z.string(),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.unknown().optional(),
  authentication: z.object({ type: z.literal('ManagedServiceIdentity'), audience: z.string() }),
});
const branches = z.object({
  expression: z.object({ and: z.array(z.object({ equals: z.tuple([z.unknown(), z.unknown()]) })) }),
  actions,
  else: z.object({ actions }),
});
const loop = z.object({ expression: z.string(), limit: z.object({ count: z.number() }), actions });
const terminate = z.object({
  runStatus: z.literal('Failed'),
  runError: z.object({ code: z.string(), message: z.string() }),
});
const answer = z.object({ statusCode: z.number(), body: z.unknown() });

export type Workflow = z.infer<typeof workflow>['definition'];
type Actions = z.infer<typeof actions>;

/** A workflow definition of the page, by the name behind `workflow=`. */
export async function readWorkflow(page: string, name: string): Promise<Workflow> {
  const text = await readFile(page, 'utf8');
  const block = new RegExp(`\`\`\`json workflow=${name}\n([^]*?)\n\`\`\``).exec(text)?.[1];
  return workflow.parse(JSON.parse(block ?? 'null')).definition;
}

/** How Logic Apps behaves, where that is not certain or depends on the surroundings. */
export interface Manners {
  parameters: Record<string, unknown>;
  trigger: unknown;
  /** Of the workflow's run; a resubmitted one has another, a retried action the same. */
  runName?: string;
  /** What the managed identity adds to a request for this audience. */
  credentials(audience: string): Record<string, string>;
  /** Whether credentials are sent to the link, too: it has done both (Azure/logicapps issue 611). */
  keepsCredentials: boolean;
  /** Rewrites the link, as a proxy on the way may. */
  rewrite?: (location: string) => string;
  /** What the connectors do. */
  connector?: (inputs: unknown) => Promise<unknown>;
}

/** What a run has done. */
export interface Outcome {
  bodies: Record<string, unknown>;
  /** Of the Response action. */
  answer?: z.infer<typeof answer>;
  /** What the run was terminated with. */
  failure?: { code: string; message: string };
  /** How often a link was followed, and how long was waited in between. */
  links: { status: number; waitedSeconds: number }[];
}

/** Plays a run of a workflow: its actions in their order, over HTTP as Logic Apps would. @throws when an action fails. */
export async function play(definition: Workflow, manners: Manners): Promise<Outcome> {
  const defaults = Object.entries(definition.parameters).map(([name, { defaultValue }]) => [name, defaultValue]);
  const sight: Sight = {
    parameters: { ...Object.fromEntries(defaults), ...manners.parameters },
    trigger: manners.trigger,
    runName: manners.runName ?? randomUUID(),
    bodies: {},
  };
  const run: Run = { manners, sight, outcome: { bodies: sight.bodies, links: [] } };
  await playAll(definition.actions, run);
  return run.outcome;
}

interface Run {
  manners: Manners;
  sight: Sight;
  outcome: Outcome;
}

async function playAll(all: Actions, run: Run): Promise<void> {
  const left = new Map(Object.entries(all));
  while (left.size > 0) {
    const ready = [...left].filter(([, { runAfter }]) => !Object.keys(runAfter).some((name) => left.has(name)));
    if (ready.length === 0) throw new Error(`These wait for each other: ${[...left.keys()].join(', ')}`);
    for (const [name, { runAfter, ...one }] of ready) {
      const strangers = Object.keys(runAfter).filter((before) => !(before in all));
      if (strangers.length > 0) throw new Error(`${name} runs after ${strangers.join(', ')}, which is not there.`);
      await playOne(name, one, run);
      left.delete(name);
    }
  }
}

async function playOne(name: string, one: Record<string, unknown>, run: Run): Promise<void> {
  const { sight, outcome } = run;
  const inputs = (): unknown => evaluate(one.inputs, sight);
  switch (one.type) {
    case 'Http':
      sight.bodies[name] = await call(http.parse(inputs()), run);
      break;
    case 'ApiConnection':
      sight.bodies[name] = await run.manners.connector?.(inputs());
      break;
    case 'Response':
      outcome.answer = answer.parse(inputs());
      break;
    case 'If': {
      const { expression, ...then } = branches.parse(one);
      const holds = expression.and.every(
        ({ equals: [left, right] }) => evaluate(left, sight) === evaluate(right, sight),
      );
      await playAll(holds ? then.actions : then.else.actions, run);
      break;
    }
    case 'Terminate':
      outcome.failure = terminate.parse(inputs()).runError;
      break;
    case 'Until':
      await repeat(loop.parse(one), run);
      break;
    case 'Wait':
      // A person's patience, not the gateway's: the tests need not have it.
      await pause(WAIT_MS);
      break;
    default:
      throw new Error(`Actions of the type ${String(one.type)} are not played here.`);
  }
}

const WAIT_MS = 250;

async function repeat({ expression, limit, actions: inner }: z.infer<typeof loop>, run: Run): Promise<void> {
  for (let round = 0; round < limit.count; round += 1) {
    await playAll(inner, run);
    if (evaluate(expression, run.sight) === true) return;
  }
  throw new Error('The loop has come to its limit.');
}

/** The HTTP action with its asynchronous pattern: sends, then follows `Location` while it is answered 202, no sooner than `Retry-After` says. */
async function call(inputs: z.infer<typeof http>, { manners, outcome }: Run): Promise<unknown> {
  const credentials = manners.credentials(inputs.authentication.audience);
  let url = inputs.uri;
  let reply = await fetch(url, {
    method: inputs.method,
    headers: { ...inputs.headers, ...credentials },
    body: inputs.body === undefined ? undefined : JSON.stringify(inputs.body),
  });
  while (reply.status === 202) {
    const location = reply.headers.get('location');
    const waitedSeconds = Number(reply.headers.get('retry-after'));
    if (location === null || !(waitedSeconds > 0)) throw new Error('A 202 without a link or without a time to wait.');
    await pause(waitedSeconds * 1000);
    url = new URL(manners.rewrite?.(location) ?? location, url).href;
    reply = await fetch(url, { headers: manners.keepsCredentials ? credentials : {} });
    outcome.links.push({ status: reply.status, waitedSeconds });
  }
  if (!reply.ok) throw new Error(`${inputs.method} ${inputs.uri} failed with ${reply.status}: ${await reply.text()}`);
  return reply.json();
}
