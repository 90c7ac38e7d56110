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
  const memory = createMemory();
  let totals = noCounts();
  return {
    open(fields) {
      const entry: Entry = { ...fields, ran: false, status: 0 };
      memory.add(entry);
      add(totals.received, entry.operation);
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
      for (const entry of memory.about(contains)) {
        add(counts.received, entry.operation);
        if (isSuccess(entry.status)) add(counts.succeeded, entry.operation);
        if (entry.ran) counts.runs += 1;
      }
      return counts;
    },
    entries: (contains) => (contains === undefined ? memory.all() : memory.about(contains)),
    clear() {
      memory.clear();
      totals = noCounts();
    },
  };
}

/** The latest entries. */
interface Memory {
  add(entry: Entry): void;
  all(): Entry[];
  /** Those that mention the marker, and those about a response of one that does. */
  about(marker: string): Entry[];
  clear(): void;
}

/** How far the search for a marker has come, and where it was found: no body is searched twice, however often a test asks. */
interface Search {
  next: number;
  found: number[];
}

function createMemory(): Memory {
  /** By number, oldest first. */
  const entries = new Map<number, Entry>();
  const searches = new Map<string, Search>();
  let next = 0;
  let bodyBytes = 0;

  const mentioning = (marker: string): Set<Entry> => {
    const search = searches.get(marker) ?? { next: 0, found: [] };
    searches.set(marker, search);
    for (; search.next < next; search.next += 1) {
      const entry = entries.get(search.next);
      if (entry && mentions(entry, marker)) search.found.push(search.next);
    }
    return new Set(search.found.map((number) => entries.get(number)).filter((entry) => entry !== undefined));
  };
  return {
    add(added) {
      entries.set(next, added);
      next += 1;
      bodyBytes += added.body.length;
      for (const [number, { body }] of entries) {
        if (entries.size <= MAX_ENTRIES && bodyBytes <= MAX_BODY_BYTES) break;
        entries.delete(number);
        bodyBytes -= body.length;
      }
    },
    all: () => [...entries.values()],
    about(marker) {
      const mine = mentioning(marker);
      const ids = new Set([...mine].map(({ responseId }) => responseId).filter((id) => id !== undefined));
      return [...entries.values()].filter(
        (entry) => mine.has(entry) || (entry.responseId !== undefined && ids.has(entry.responseId)),
      );
    },
    clear() {
      entries.clear();
      searches.clear();
      next = 0;
      bodyBytes = 0;
    },
  };
}

const mentions = (entry: Entry, text: string): boolean => entry.path.includes(text) || entry.body.includes(text);
