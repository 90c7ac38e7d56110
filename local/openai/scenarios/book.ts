import type { Fault, Scenario } from './fault.ts';
import { NO_FAULTS, Plan } from './plan.ts';

/** What a scenario may look at in a request. */
export interface Subject {
  operation: string;
  responseId?: string;
  /** Whether the text occurs in the request, or in the one that made what it is about. */
  contains(text: string): boolean;
}

interface Entry {
  id: number;
  scenario: Scenario;
  skip: number;
  left: number;
  used: number;
}

/** The scenarios that tests have written and that no request has used up yet. */
export interface Book {
  add(scenario: Scenario): number;
  /** Finds what applies to the request and counts it as used. */
  take(subject: Subject): Plan;
  list(): readonly { id: number; used: number; left: number | 'always'; scenario: Scenario }[];
  /** @returns false when there is none of that number. */
  remove(id: number): boolean;
  clear(): void;
}

/** These answer the request by themselves: what stands behind them in the book has to wait. */
const FINAL: ReadonlySet<Fault['kind']> = new Set(['throttle', 'status', 'denied', 'reset']);

export function createBook(): Book {
  let entries: Entry[] = [];
  let next = 1;
  return {
    add(scenario) {
      const left = scenario.times === 'always' ? Infinity : scenario.times;
      entries.push({ id: next, scenario, skip: scenario.skip, left, used: 0 });
      return next++;
    },
    take(subject) {
      if (entries.length === 0) return NO_FAULTS;
      const faults: Fault[] = [];
      for (const entry of entries) {
        if (entry.left === 0 || !applies(entry.scenario, subject)) continue;
        if (entry.skip > 0) {
          entry.skip -= 1;
          continue;
        }
        // A second scenario of the same kind waits for the next request.
        if (faults.some((fault) => fault.kind === entry.scenario.fault.kind)) continue;
        entry.left -= 1;
        entry.used += 1;
        faults.push(entry.scenario.fault);
        if (FINAL.has(entry.scenario.fault.kind)) break;
      }
      return faults.length === 0 ? NO_FAULTS : new Plan(faults);
    },
    list: () =>
      entries.map(({ id, used, left, scenario }) => ({
        id,
        used,
        left: left === Infinity ? ('always' as const) : left,
        scenario,
      })),
    remove(id) {
      const before = entries.length;
      entries = entries.filter((entry) => entry.id !== id);
      return entries.length < before;
    },
    clear() {
      entries = [];
    },
  };
}

function applies({ match }: Scenario, subject: Subject): boolean {
  if (match.operation !== undefined && match.operation !== subject.operation) return false;
  if (match.responseId !== undefined && match.responseId !== subject.responseId) return false;
  return match.contains === undefined || subject.contains(match.contains);
}
