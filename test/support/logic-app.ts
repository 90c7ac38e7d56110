import { readFile } from 'node:fs/promises';
import { z } from 'zod';

const http = z.object({
  method: z.string(),
  uri: z.string(),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.unknown().optional(),
  authentication: z.object({ type: z.literal('ManagedServiceIdentity'), audience: z.string() }),
});
const action = z.looseObject({ type: z.string(), runAfter: z.record(z.string(), z.array(z.string())).optional() });
const workflow = z.object({
  definition: z.object({
    $schema: z.string(),
    contentVersion: z.string(),
    parameters: z.record(z.string(), z.looseObject({ type: z.string(), defaultValue: z.unknown().optional() })),
    triggers: z.record(z.string(), z.looseObject({ type: z.string() })),
    actions: z.record(z.string(), action),
    outputs: z.object({}),
  }),
});

export type HttpAction = z.infer<typeof http>;
export type Workflow = z.infer<typeof workflow>['definition'];

/** A workflow definition of the page, by the name behind `workflow=`. */
export async function readWorkflow(page: string, name: string): Promise<Workflow> {
  const text = await readFile(page, 'utf8');
  const block = new RegExp(`\`\`\`json workflow=${name}\n([^]*?)\n\`\`\``).exec(text)?.[1];
  return workflow.parse(JSON.parse(block ?? 'null')).definition;
}

export const httpAction = (inputs: unknown): HttpAction => http.parse(inputs);

/** What expressions can see. */
export interface Sight {
  parameters: Record<string, unknown>;
  trigger: unknown;
  runName: string;
  bodies: Record<string, unknown>;
}

/** The few expressions the page uses: `parameters`, `triggerBody`, `body`, `workflow`, `encodeURIComponent`, and steps into what they give. */
export function evaluate(value: unknown, sight: Sight): unknown {
  if (Array.isArray(value)) return value.map((each) => evaluate(each, sight));
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, evaluate(each, sight)]));
  }
  if (typeof value !== 'string') return value;
  if (/^@[a-z]/i.test(value)) return expression(value.slice(1), sight);
  return value.replace(/@\{([^}]+)\}/g, (_, inner: string) => textOf(expression(inner, sight)));
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value ?? ''));

function expression(text: string, sight: Sight): unknown {
  const encoded = /^encodeURIComponent\((.*)\)$/.exec(text)?.[1];
  if (encoded !== undefined) return encodeURIComponent(textOf(expression(encoded, sight)));
  const [, name, argument, path] = /^(\w+)\((?:'([^']*)')?\)(.*)$/.exec(text) ?? [];
  let value: unknown = start(name, argument, sight);
  for (const [, key, index] of (path ?? '').matchAll(/\??\[(?:'([^']+)'|(\d+))\]/g)) {
    value = z.union([z.record(z.string(), z.unknown()), z.array(z.unknown())]).safeParse(value).success
      ? Reflect.get(Object(value), key ?? Number(index))
      : undefined;
  }
  return value;
}

function start(name: string | undefined, argument: string | undefined, sight: Sight): unknown {
  switch (name) {
    case 'parameters':
      return sight.parameters[argument ?? ''];
    case 'triggerBody':
      return sight.trigger;
    case 'body':
      return sight.bodies[argument ?? ''];
    case 'workflow':
      return { run: { name: sight.runName } };
    default:
      throw new Error(`The expression ${name ?? '(none)'} is not played here.`);
  }
}

export interface Manners {
  /** Whether credentials are sent to the link: Logic Apps has done both. */
  keepsCredentials: boolean;
  key: string;
  /** Rewrites the link, as a proxy on the way may. */
  rewrite?: (location: string) => string;
}

/** Plays the HTTP action: sends, then follows `Location` while it is answered 202, no sooner than `Retry-After` says. */
export async function play(
  action: HttpAction,
  manners: Manners,
): Promise<{ status: number; body: unknown; waits: number }> {
  const credentials = { 'api-key': manners.key };
  let url = action.uri;
  let answer = await fetch(url, {
    method: action.method,
    headers: { ...action.headers, ...credentials },
    body: action.body === undefined ? undefined : JSON.stringify(action.body),
  });
  let waits = 0;
  while (answer.status === 202) {
    const location = answer.headers.get('location');
    const seconds = Number(answer.headers.get('retry-after'));
    if (location === null || !(seconds > 0)) throw new Error('A 202 without a link or without a time to wait.');
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    waits += 1;
    url = new URL(manners.rewrite?.(location) ?? location, url).href;
    answer = await fetch(url, { headers: manners.keepsCredentials ? credentials : {} });
  }
  return { status: answer.status, body: await answer.json(), waits };
}
