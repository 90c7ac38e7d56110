import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { readText, Refusal } from './answers.ts';
import { API_CLIENT_ID, CALLERS, clientSecret, findCaller } from './callers.ts';
import type { Tenant } from './tenant.ts';
import { FLAWS, issueToken } from './tokens.ts';

const tokenOrder = z.strictObject({
  caller: z.string(),
  audience: z.string().default(API_CLIENT_ID),
  version: z.enum(['1.0', '2.0']).default('2.0'),
  lifetimeSeconds: z.int().positive().optional(),
  roles: z.array(z.string()).optional(),
  flaw: z.enum(FLAWS).optional(),
});

const rotationOrder = z.strictObject({ retire: z.boolean().default(false) });

/**
 * The door for tests and people: `GET callers`, `POST tokens`, `POST keys/rotate` below `/_control/`.
 * @throws Refusal 400 that says which field is wrong.
 */
export async function answerControl(tenant: Tenant, request: IncomingMessage, url: URL): Promise<unknown> {
  switch (`${request.method ?? ''} ${url.pathname}`) {
    case 'GET /_control/callers':
      return { callers: CALLERS.map((caller) => ({ ...caller, clientSecret: clientSecret(caller) })) };
    case 'POST /_control/tokens': {
      const { caller: name, ...order } = await readOrder(request, tokenOrder);
      const caller = findCaller(name);
      if (!caller) throw badOrder(`caller: '${name}' is none of ${CALLERS.map((known) => known.name).join(', ')}`);
      return issueToken(tenant.keys, { ...order, caller, authority: tenant.authority });
    }
    case 'POST /_control/keys/rotate': {
      const { retire } = await readOrder(request, rotationOrder);
      return { kid: (await tenant.keys.rotate(retire)).kid };
    }
    default:
      throw new Refusal(404, 'unknown control operation', {
        error: `${request.method ?? ''} ${url.pathname} is no control operation; there are GET callers, POST tokens, POST keys/rotate`,
      });
  }
}

const badOrder = (problem: string): Refusal => new Refusal(400, problem, { error: problem });

async function readOrder<T>(request: IncomingMessage, schema: z.ZodType<T>): Promise<T> {
  const text = await readText(request);
  let body: unknown;
  try {
    body = text === '' ? {} : JSON.parse(text);
  } catch {
    // The answer says it all.
    throw badOrder('The body is no JSON.');
  }
  const order = schema.safeParse(body);
  if (!order.success) throw badOrder(z.prettifyError(order.error));
  return order.data;
}
