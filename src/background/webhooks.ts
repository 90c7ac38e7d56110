import { Webhook } from 'standardwebhooks';
import { entryId, type Directory, type Entry } from '../chains/directory.ts';
import type { ChainRecord, WebhookState } from '../chains/record.ts';
import { isTerminal } from '../chains/status.ts';
import type { ChainStore } from '../chains/store.ts';
import { notFound } from '../errors.ts';
import { unixSeconds, type Clock } from '../platform/clock.ts';
import type { Config } from '../platform/config.ts';
import { originOf, type Log } from '../platform/log.ts';
import type { SendOutbound } from '../platform/outbound.ts';
import type { JsonObject } from '../upstream/wire.ts';
import { wait, type Progress } from './progress.ts';

/** Pauses after failed deliveries: about a day in all, then the delivery is given up and waits to be replayed. */
const BACKOFF_SECONDS = [5, 30, 2 * 60, 10 * 60, 30 * 60, 3600, 2 * 3600, 5 * 3600, 10 * 3600];

/** Receivers should put work aside and answer; one that takes longer counts as failed. */
const ANSWER_LIMIT_MS = 15_000;

/** How long an undelivered event is listed. */
const ENTRY_SECONDS = 30 * 24 * 3600;

/** An end that its receiver has not taken yet. */
export interface DeliveryEntry extends Entry {
  kind: 'webhook';
  responseId: string;
  event: string;
  state: 'retrying' | 'given_up';
  attempts: number;
  /** The receiver's last answer; null when there was none. */
  lastStatus: number | null;
  lastAt: number;
  nextAt: number | null;
}

export interface WebhookDeps {
  store: ChainStore;
  directory: Directory;
  webhooks: Config['webhooks'];
  send: SendOutbound;
  clock: Clock;
  log: Log;
}

/** Tells the receiver how a run has ended, once it is time to. Undefined when nothing is left to do. */
export type Tell = (record: ChainRecord) => Promise<Progress | undefined>;

export interface Webhooks {
  tell: Tell;
  /** The owner's undelivered events, newest first. */
  list(owner: string, limit: number): Promise<JsonObject[]>;
  /** Sends one again at once. Throws `not_found` for one that is not the caller's, or was delivered. */
  replay(owner: string, responseId: string): Promise<JsonObject>;
}

export function createWebhooks(deps: WebhookDeps): Webhooks {
  return {
    async tell(record) {
      const { url } = deps.webhooks;
      if (url === undefined || !isTerminal(record.status)) return undefined;
      const state: WebhookState = record.run?.webhook ?? { state: 'pending', attempts: 0, nextAt: 0 };
      if (state.state !== 'pending') return undefined;
      const now = deps.clock.now();
      if (state.nextAt > now) return wait(state.nextAt - now, 'ended; waiting to tell the receiver of the webhook');
      const next = await attempt(deps, record, url, state);
      return next.state === 'pending'
        ? wait(next.nextAt - deps.clock.now(), 'ended; the receiver of the webhook is not taking it')
        : undefined;
    },
    async list(owner, limit) {
      const { rows } = await deps.directory.query<DeliveryEntry>(
        {
          query: 'SELECT * FROM c WHERE c.owner = @owner AND c.kind = "webhook" ORDER BY c.lastAt DESC',
          parameters: [{ name: '@owner', value: owner }],
        },
        { owner, pageSize: limit },
      );
      return rows.map(view);
    },
    async replay(owner, responseId) {
      const entry = await deps.directory.read<DeliveryEntry>(owner, entryId('webhook', responseId));
      const record = entry && (await deps.store.read(responseId));
      const { url } = deps.webhooks;
      if (record === undefined || !isTerminal(record.status) || url === undefined)
        throw notFound('Delivery', responseId);
      const before = record.run?.webhook ?? { state: 'pending' as const, attempts: entry?.attempts ?? 0, nextAt: 0 };
      const after = await attempt(deps, record, url, before);
      if (after.state === 'delivered') {
        return { id: responseId, object: 'webhook.delivery', event: eventOf(record), state: 'delivered' };
      }
      const left = await deps.directory.read<DeliveryEntry>(owner, entryId('webhook', responseId));
      return left === undefined ? {} : view(left);
    },
  };
}

const eventOf = (record: ChainRecord): string => `response.${record.status}`;

async function attempt(
  deps: WebhookDeps,
  record: ChainRecord,
  url: string,
  before: WebhookState,
): Promise<WebhookState> {
  const status = await post(deps, record, url);
  const attempts = before.attempts + 1;
  const delivered = status !== null && status >= 200 && status < 300;
  const pauseSeconds = BACKOFF_SECONDS[attempts - 1];
  const nextAt = deps.clock.now() + (pauseSeconds ?? 0) * 1000;
  const after: WebhookState = delivered
    ? { state: 'delivered', attempts, nextAt: 0 }
    : { state: pauseSeconds === undefined ? 'given_up' : 'pending', attempts, nextAt };
  await deps.store.update(record.id, (current) =>
    current.run === undefined ? undefined : { ...current, run: { ...current.run, webhook: after } },
  );
  if (delivered) {
    deps.log.webhookDelivered({ ...originOf(record), attempts, status });
    if (before.attempts > 0) await deps.directory.remove(record.owner, entryId('webhook', record.id));
  } else {
    deps.log.webhookFailed({ ...originOf(record), attempts, status, givenUp: after.state === 'given_up' });
    await deps.directory.upsert(entryOf(record, after, status, unixSeconds(deps.clock)));
  }
  return after;
}

/** The receiver's status; null when there was no answer, or the address may not be called. */
async function post(deps: WebhookDeps, record: ChainRecord, url: string): Promise<number | null> {
  // The same id at every attempt: receivers know a repetition by it.
  const id = `evt_${record.id.slice(5)}`;
  const at = deps.clock.now();
  const body = JSON.stringify({
    object: 'event',
    id,
    type: eventOf(record),
    created_at: record.updatedAt,
    data: { id: record.id },
  });
  // One signature for each secret: a receiver that still has the old one accepts it while secrets are rotated.
  const signatures = deps.webhooks.secrets.map((secret) => new Webhook(secret).sign(id, new Date(at), body));
  try {
    return await deps.send(url, {
      method: 'POST',
      timeoutMs: ANSWER_LIMIT_MS,
      body,
      headers: {
        'content-type': 'application/json',
        'user-agent': 'responses-gateway',
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(at / 1000)),
        'webhook-signature': signatures.join(' '),
        ...(record.traceparent === undefined ? {} : { traceparent: record.traceparent }),
      },
    });
  } catch {
    // Why there was no answer is the receiver's to find out; that there was none is logged by the caller.
    return null;
  }
}

const entryOf = (record: ChainRecord, after: WebhookState, status: number | null, now: number): DeliveryEntry => ({
  id: entryId('webhook', record.id),
  owner: record.owner,
  kind: 'webhook',
  responseId: record.id,
  event: eventOf(record),
  state: after.state === 'given_up' ? 'given_up' : 'retrying',
  attempts: after.attempts,
  lastStatus: status,
  lastAt: now,
  nextAt: after.state === 'pending' ? Math.floor(after.nextAt / 1000) : null,
  ttl: ENTRY_SECONDS,
});

const view = (entry: DeliveryEntry): JsonObject => ({
  id: entry.responseId,
  object: 'webhook.delivery',
  event: entry.event,
  state: entry.state,
  attempts: entry.attempts,
  last_status: entry.lastStatus,
  last_attempt_at: entry.lastAt,
  next_attempt_at: entry.nextAt,
});
