import { inSeconds } from '../clock.ts';
import { contentFilters } from '../responses/content-filters.ts';
import { visible, visibleItem } from '../responses/include.ts';
import type { Plan } from '../scenarios/plan.ts';
import type { StoredResponse, WireResponse } from '../store/record.ts';
import { emitItem } from '../streams/events.ts';
import { EventLog } from '../streams/log.ts';
import { TurnError, type Item, type Outcome, type Usage } from '../turn.ts';

/** One pass of the mind, with its first step already taken. */
export interface Steps {
  first: IteratorResult<Item, Outcome>;
  rest: AsyncGenerator<Item, Outcome>;
}

/** One response while it is being made: moves the record and, when somebody may watch, tells the log. */
export class Run {
  readonly record: StoredResponse;
  readonly log: EventLog | undefined;
  readonly plan: Plan;
  readonly #include: ReadonlySet<string>;
  readonly #padded: boolean;
  readonly #now: () => number;

  constructor(options: { record: StoredResponse; watched: boolean; plan: Plan; now: () => number }) {
    const { record, watched, plan, now } = options;
    this.record = record;
    this.plan = plan;
    this.log = watched ? new EventLog() : undefined;
    this.#include = includeOf(record);
    this.#padded = paddedOf(record);
    this.#now = now;
  }

  get response(): WireResponse {
    return this.record.response;
  }

  /** The opening events. A background response is queued first. */
  open(): void {
    if (this.response.status !== 'queued') {
      this.tell('response.created');
      this.tell('response.in_progress');
      return;
    }
    const opening = ['response.created', 'response.queued'];
    if (this.plan.find('framing')?.queuedFirst === true) opening.reverse();
    for (const type of opening) this.tell(type);
  }

  start(): void {
    this.response.status = 'in_progress';
    this.tell('response.in_progress');
  }

  tell(type: string): void {
    this.log?.append(type, { response: this.seen() });
  }

  /** The response as whoever asked for it may see it. */
  seen(): WireResponse {
    return visible(this.response, this.#include);
  }

  /** Takes the items as they come, then the outcome. Stops in the middle when the signal aborts. */
  async take({ first, rest }: Steps, signal: AbortSignal): Promise<void> {
    let step = first;
    try {
      while (!step.done) {
        if (signal.aborted) return;
        this.#keep(step.value);
        if (this.#interrupted()) {
          this.#interrupt();
          return;
        }
        step = await rest.next();
      }
    } finally {
      // Leaving early lets the mind close what it opened.
      if (!step.done) await rest.return(GIVEN_UP);
    }
    if (!signal.aborted) this.settle(step.value);
  }

  #keep(item: Item): void {
    const index = this.response.output.push(item) - 1;
    const { log } = this;
    if (!log) return;
    emitItem(visibleItem(item, this.#include), index, this.#padded, (type, fields) => {
      if (!this.#interrupted()) log.append(type, fields);
    });
  }

  /** Whether a planned error event is due. */
  #interrupted(): boolean {
    const fault = this.plan.find('stream_error');
    return fault !== undefined && this.log !== undefined && this.log.length >= fault.afterEvents;
  }

  #interrupt(): void {
    const fault = this.plan.find('stream_error');
    if (!fault) return;
    const { code, message, shape, thenFailed } = fault;
    const detail = { code, message, param: null };
    this.log?.append('error', shape === 'flat' ? detail : { error: { type: code, ...detail } });
    if (thenFailed) {
      this.end('failed', { error: { code, message } });
      return;
    }
    this.response.status = 'failed';
    this.response.error = { code, message };
    this.log?.close();
  }

  /** The end that the mind came to, unless the plan has another one. */
  settle(outcome: Outcome): void {
    if (this.#interrupted()) {
      this.#interrupt();
      return;
    }
    const { plan } = this;
    const fail = plan.find('fail');
    if (fail) {
      this.end('failed', { error: { code: fail.code, message: fail.message } });
      return;
    }
    if (plan.has('empty_failure')) {
      this.end('failed', { output: [], usage: NO_USAGE });
      return;
    }
    if (plan.find('content_filter')?.side === 'output') {
      this.end('incomplete', { usage: outcome.usage, incomplete_details: { reason: 'content_filter' } });
      return;
    }
    const { usage } = outcome;
    switch (outcome.status) {
      case 'completed': {
        this.end('completed', { usage });
        return;
      }
      case 'incomplete': {
        this.end('incomplete', { usage, incomplete_details: { reason: outcome.reason } });
        return;
      }
      case 'failed': {
        this.end('failed', { usage, error: outcome.error });
        return;
      }
    }
  }

  /** What was thrown on the way ends a response that can no longer be refused. */
  fail(thrown: unknown): void {
    const known = thrown instanceof TurnError;
    this.end('failed', {
      error: {
        code: known ? (thrown.code ?? 'invalid_prompt') : 'server_error',
        message: known ? thrown.message : 'The server had an error while processing your request. Sorry about that!',
      },
    });
  }

  /** Ends as cancelled; what was made until then stays. */
  cancel(): void {
    this.end('cancelled', {});
  }

  end(status: 'completed' | 'incomplete' | 'failed' | 'cancelled', fields: Partial<WireResponse>): void {
    const { response } = this;
    Object.assign(response, fields);
    response.status = status;
    if (status === 'completed') response.completed_at = inSeconds(this.#now());
    if (status === 'completed' || status === 'incomplete') {
      const blocked = response.incomplete_details?.reason === 'content_filter';
      response.content_filters = contentFilters(charactersOf(response.output), blocked);
    }
    if (response.service_tier === 'auto') response.service_tier = 'default';
    // There is no event for a cancelled response: it ends as an incomplete one that says cancelled.
    this.tell(status === 'cancelled' ? 'response.incomplete' : `response.${status}`);
    this.log?.close();
  }
}

const NO_USAGE: Usage = {
  input_tokens: 0,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: 0,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: 0,
};

const GIVEN_UP: Outcome = { status: 'failed', usage: NO_USAGE, error: { code: 'server_error', message: 'Given up.' } };

/** What the create request asked to include. Without storage, sealed reasoning comes unasked. */
export function includeOf({ request }: StoredResponse): ReadonlySet<string> {
  const { include, store } = request;
  const names = Array.isArray(include) ? include.filter((name) => typeof name === 'string') : [];
  return new Set(store === false ? [...names, 'reasoning.encrypted_content'] : names);
}

function paddedOf({ request }: StoredResponse): boolean {
  const options = request.stream_options;
  return !(
    typeof options === 'object' &&
    options !== null &&
    'include_obfuscation' in options &&
    options.include_obfuscation === false
  );
}

function charactersOf(output: readonly Item[]): number {
  let characters = 0;
  for (const { content } of output) {
    if (!Array.isArray(content)) continue;
    for (const part of content as unknown[]) {
      if (typeof part === 'object' && part !== null && 'text' in part && typeof part.text === 'string') {
        characters += part.text.length;
      }
    }
  }
  return characters;
}
