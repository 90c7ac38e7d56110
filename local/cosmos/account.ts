import type { IncomingMessage, ServerResponse } from 'node:http';
import { authorize } from './auth/authorize.ts';
import type { KeyCheck } from './auth/keys.ts';
import type { TokenCheck } from './auth/tokens.ts';
import { Counts } from './control/counts.ts';
import { CONTROL_SEGMENT, handleControl, type ControlRoom } from './control/door.ts';
import { faultAnswer, Faults, type Fault } from './control/faults.ts';
import { CosmosError } from './errors.ts';
import { defectAnswer, errorAnswer, newActivity, sendAnswer, type Answer } from './http/answer.ts';
import { header, readRequest, type CosmosRequest } from './http/request.ts';
import { findRoute, type Route } from './routes.ts';
import type { Catalog } from './store/catalog.ts';
import type { Clock } from './store/document-table.ts';

export interface AccountParts {
  catalog: Catalog;
  clock: Clock;
  checkKey: KeyCheck;
  checkToken: TokenCheck;
  /** Present when tests may steer. */
  advanceClock: ((ms: number) => void) | undefined;
}

/** Answers the requests of one account: read, authorize, route, perhaps meet a planned fault, run, send. */
export class Account {
  readonly #parts: AccountParts;
  readonly #faults = new Faults();
  readonly #counts = new Counts();
  readonly #room: ControlRoom | undefined;
  #closed = false;

  constructor(parts: AccountParts) {
    this.#parts = parts;
    const { catalog, advanceClock } = parts;
    this.#room = advanceClock && { catalog, faults: this.#faults, counts: this.#counts, advanceClock };
  }

  /** From now on requests are dropped: the data file is about to be closed. */
  close(): void {
    this.#closed = true;
  }

  async handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const activity = newActivity();
    const gone = new AbortController();
    response.once('close', () => {
      gone.abort();
    });
    try {
      const answer = await this.#answer(await readRequest(incoming), gone.signal);
      if (answer) sendAnswer(response, answer, activity);
      else response.destroy();
    } catch (error) {
      // A caller who hung up, or a server that stops: nobody is left to answer.
      if (incoming.socket.destroyed || this.#closed) response.destroy();
      else sendAnswer(response, toAnswer(error, activity), activity);
    }
  }

  /** Undefined when a planned fault cuts the connection, or the caller has hung up meanwhile. */
  async #answer(request: CosmosRequest, gone: AbortSignal): Promise<Answer | undefined> {
    if (this.#room && request.segments[0] === CONTROL_SEGMENT) return handleControl(request, this.#room);
    const { catalog, clock, checkKey, checkToken } = this.#parts;
    const principal = await authorize(request, checkKey, checkToken);
    if (this.#closed) return undefined;
    const route = findRoute({ request, principal, catalog, clock });
    if (!this.#room) return route.run();
    this.#counts.add(route.container ?? '', route.operation);
    const fault = this.#faults.take({ ...route, text: () => describe(request) });
    return fault ? this.#meet(fault, route, gone) : route.run();
  }

  async #meet(fault: Fault, route: Route, gone: AbortSignal): Promise<Answer | undefined> {
    const done = fault.applied ? route.run() : undefined;
    if (fault.status !== 'hold') return faultAnswer(fault);
    await this.#faults.hold(fault, gone);
    return gone.aborted || this.#closed ? undefined : (done ?? route.run());
  }
}

const describe = (request: CosmosRequest): string =>
  [request.segments.join('/'), header(request, 'x-ms-documentdb-partitionkey') ?? '', request.text].join('\n');

function toAnswer(error: unknown, activity: string): Answer {
  return error instanceof CosmosError ? errorAnswer(error, activity) : defectAnswer(error, activity);
}
