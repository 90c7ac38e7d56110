import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Endpoints } from '../../local/world/endpoints.ts';

const counts = z.object({ runs: z.number(), received: z.record(z.string(), z.number()) });
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

/** The control door of the Azure OpenAI simulator, for what one test does: its requests are known by a marker in the prompt. */
export interface Steering {
  /** Stands in the prompt of every request the test makes. */
  readonly marker: string;
  /** Plans a fault for requests of an operation that belong to this marker. */
  plan(
    operation: string,
    fault: Record<string, unknown>,
    more?: { times?: number | 'always'; skip?: number },
  ): Promise<void>;
  /** How often the model ran for this marker: what Azure would charge. */
  runs(): Promise<number>;
  counts(): Promise<Counts>;
  requests(): Promise<z.infer<typeof requests>['data']>;
}

/** Steers the simulator for requests with a new marker. */
export function steer({ openai }: Pick<Endpoints, 'openai'>, marker = `m-${randomUUID()}`): Steering {
  const door = `${openai}/_control`;
  const get = async (path: string): Promise<unknown> => (await fetch(`${door}/${path}?contains=${marker}`)).json();
  const count = async (): Promise<Counts> => counts.parse(await get('counts'));
  return {
    marker,
    counts: count,
    runs: async () => (await count()).runs,
    requests: async () => requests.parse(await get('requests')).data,
    async plan(operation, fault, more = {}) {
      const answer = await fetch(`${door}/scenarios`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ match: { operation, contains: marker }, fault, ...more }),
      });
      if (!answer.ok) throw new Error(`The simulator refused the scenario: ${await answer.text()}`);
    },
  };
}
