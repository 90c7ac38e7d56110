import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Endpoints } from '../../local/world/endpoints.ts';

const counts = z.object({
  /** Requests that arrived, and those answered with success, by operation. */
  received: z.record(z.string(), z.number()),
  succeeded: z.record(z.string(), z.number()),
  /** How often the model ran: what Azure would charge. */
  runs: z.number(),
});
const requests = z.object({
  data: z.array(
    z.looseObject({
      at: z.number(),
      operation: z.string(),
      method: z.string(),
      path: z.string(),
      requestId: z.string(),
      headers: z.record(z.string(), z.unknown()),
    }),
  ),
});

type Counts = z.infer<typeof counts>;

/** What one test does with the simulator: its requests are known by a text that stands in them. */
export interface Steering {
  /** Stands in every request the test makes: in the prompt, the name of a file or the id of a response. */
  readonly marker: string;
  /** Plans a fault for requests of an operation that belong to this marker. */
  plan(
    operation: string,
    fault: Record<string, unknown>,
    more?: { times?: number | 'always'; skip?: number },
  ): Promise<void>;
  /** How often the model ran for this marker. */
  runs(): Promise<number>;
  counts(): Promise<Counts>;
  requests(): Promise<z.infer<typeof requests>['data']>;
}

/** Steers the simulator for requests with this marker; without one, with a new one. */
export function steer(endpoints: Pick<Endpoints, 'openai'>, marker = `m-${randomUUID()}`): Steering {
  const get = (path: string): Promise<unknown> =>
    simulatorControl(endpoints, 'GET', `${path}?contains=${encodeURIComponent(marker)}`);
  const count = async (): Promise<Counts> => counts.parse(await get('counts'));
  return {
    marker,
    counts: count,
    runs: async () => (await count()).runs,
    requests: async () => requests.parse(await get('requests')).data,
    async plan(operation, fault, more = {}) {
      const scenario = { match: { operation, contains: marker }, fault, ...more };
      await simulatorControl(endpoints, 'POST', 'scenarios', scenario);
    },
  };
}

/** The control door of the Azure OpenAI simulator. @throws Error with its words when it refuses. */
export async function simulatorControl(
  { openai }: Pick<Endpoints, 'openai'>,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  const answer = await fetch(`${openai}/_control/${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`The simulator refused ${method} ${path}: ${await answer.text()}`);
  return answer.json();
}
