import type { IncomingHttpHeaders } from 'node:http';

/** Limits of what is remembered; the totals go on counting. */
const MAX_ENTRIES = 10_000;
const MAX_BODY_BYTES = 64 * 1024 * 1024;

export interface Entry {
  at: number;
  operation: string;
  method: string;
  /** Path with query. */
  path: string;
  /** `x-request-id` of its answer. */
  requestId: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** The response that was made or asked for. */
  responseId?: string;
  /** Whether the model ran for it: what Azure would charge. */
  ran: boolean;
  /** 0 while unanswered, and for ever when the connection was cut before the answer. */
  status: number;
}

export interface Counts {
  /** Requests that arrived, by operation. */
  received: Record<string, number>;
  /** Requests answered with success, by operation. */
  succeeded: Record<string, number>;
  /** How many times the model ran. */
  runs: number;
}

/** What was received, so that tests can see what was asked and what was paid. */
export interface Journal {
  open(entry: Omit<Entry, 'ran' | 'status'>): Entry;
  ran(entry: Entry): void;
  close(entry: Entry, status: number): void;
  /** Everything since the last reset, or only what has to do with the marker (among the entries still remembered). */
  counts(contains?: string): Counts;
  entries(contains?: string): readonly Entry[];
  clear(): void;
}

const noCounts = (): Counts => ({ received: {}, succeeded: {}, runs: 0 });

const isSuccess = (status: number): boolean => status >= 200 && status < 300;

const add = (counts: Record<string, number>, operation: string): void => {
  counts[operation] = (counts[operation] ?? 0) + 1;
};

export function createJournal(): Journal {
  let entries: Entry[] = [];
  let first = 0;
  let bodyBytes = 0;
  let totals = noCounts();

  const trim = () => {
    while (entries.length - first > MAX_ENTRIES || bodyBytes > MAX_BODY_BYTES) {
      bodyBytes -= entries[first]?.body.length ?? 0;
      first += 1;
    }
    if (first > MAX_ENTRIES) {
      entries = entries.slice(first);
      first = 0;
    }
  };
  const about = (contains: string): Entry[] => {
    const kept = entries.slice(first);
    const marked = new Set(kept.filter((entry) => mentions(entry, contains)));
    const ids = new Set([...marked].map((entry) => entry.responseId).filter((id) => id !== undefined));
    return kept.filter((entry) => marked.has(entry) || (entry.responseId !== undefined && ids.has(entry.responseId)));
  };
  return {
    open(fields) {
      const entry: Entry = { ...fields, ran: false, status: 0 };
      entries.push(entry);
      bodyBytes += entry.body.length;
      add(totals.received, entry.operation);
      trim();
      return entry;
    },
    ran(entry) {
      entry.ran = true;
      totals.runs += 1;
    },
    close(entry, status) {
      entry.status = status;
      if (isSuccess(status)) add(totals.succeeded, entry.operation);
    },
    counts(contains) {
      if (contains === undefined) return totals;
      const counts = noCounts();
      for (const entry of about(contains)) {
        add(counts.received, entry.operation);
        if (isSuccess(entry.status)) add(counts.succeeded, entry.operation);
        if (entry.ran) counts.runs += 1;
      }
      return counts;
    },
    entries: (contains) => (contains === undefined ? entries.slice(first) : about(contains)),
    clear() {
      entries = [];
      first = 0;
      bodyBytes = 0;
      totals = noCounts();
    },
  };
}

const mentions = (entry: Entry, text: string): boolean => entry.path.includes(text) || entry.body.includes(text);
