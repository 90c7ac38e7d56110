import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

const state = z.object({
  name: z.string(),
  instanceId: z.string(),
  runtimeStatus: z.string(),
  input: z.unknown(),
  output: z.unknown(),
  customStatus: z.unknown(),
  createdTime: z.string(),
  lastUpdatedTime: z.string(),
  historyEvents: z.array(z.record(z.string(), z.unknown())).optional(),
});
const started = z.object({ id: z.string() });

export type InstanceState = z.infer<typeof state>;

const FINISHED = new Set(['Completed', 'Failed', 'Terminated', 'Canceled']);
const PAUSE_MS = 10;
const LIMIT_MS = 20_000;

/** The management API of a host, as a program outside would call it. */
export class TaskHub {
  readonly #base: () => string;

  constructor(address: () => string) {
    this.#base = () => `${address()}/runtime/webhooks/durabletask`;
  }

  call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const json = body === undefined ? {} : { body: JSON.stringify(body) };
    return fetch(`${this.#base()}/${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...json,
    });
  }

  /** Starts an orchestration and returns its id. */
  async start(name: string, input?: unknown, id = ''): Promise<string> {
    const answer = await this.call('POST', `orchestrators/${name}/${id}`, input);
    if (answer.status !== 202) throw new Error(`${name} was not started: ${answer.status} ${await answer.text()}`);
    return started.parse(await answer.json()).id;
  }

  async state(id: string, query = ''): Promise<InstanceState> {
    return state.parse(await (await this.call('GET', `instances/${id}?${query}`)).json());
  }

  async list(query = ''): Promise<InstanceState[]> {
    return z.array(state).parse(await (await this.call('GET', `instances?${query}`)).json());
  }

  async raise(id: string, name: string, value?: unknown): Promise<number> {
    return (await this.call('POST', `instances/${id}/raiseEvent/${name}`, value ?? null)).status;
  }

  /** The state once it satisfies `wanted`. */
  async when(id: string, wanted: (state: InstanceState) => boolean, limitMs = LIMIT_MS): Promise<InstanceState> {
    const end = performance.now() + limitMs;
    for (;;) {
      const now = await this.state(id);
      if (wanted(now)) return now;
      if (performance.now() > end) throw new Error(`${id} is still ${JSON.stringify(now)} after ${limitMs} ms.`);
      await sleep(PAUSE_MS);
    }
  }

  /** The state in which it has ended. */
  end(id: string, limitMs?: number): Promise<InstanceState> {
    return this.when(id, ({ runtimeStatus }) => FINISHED.has(runtimeStatus), limitMs);
  }

  /** Runs an orchestration to its end. */
  async run(name: string, input?: unknown, id?: string): Promise<InstanceState> {
    return this.end(await this.start(name, input, id));
  }

  /** Ids of all orchestrations that begin with `prefix` and have not ended. */
  async running(prefix: string): Promise<string[]> {
    const page = await this.list(`runtimeStatus=Pending,Running,Suspended&top=1000&instanceIdPrefix=${prefix}`);
    return page.map(({ instanceId }) => instanceId);
  }

  /** Resolves when all of them have ended. */
  async allEnded(prefix: string, limitMs = LIMIT_MS): Promise<void> {
    const end = performance.now() + limitMs;
    for (let left = await this.running(prefix); left.length > 0; left = await this.running(prefix)) {
      if (performance.now() > end) throw new Error(`Still running after ${limitMs} ms: ${left.join(', ')}`);
      await sleep(PAUSE_MS * 5);
    }
  }
}
