import type { Value } from '../json.ts';
import { compareValues, typeRank } from './values.ts';

export type AggregateName = 'COUNT' | 'SUM' | 'AVG' | 'MIN' | 'MAX';

export function isAggregate(name: string): name is AggregateName {
  return name in ACCUMULATORS;
}

/** Takes the values of a group one by one; undefined values are left out. */
export interface Accumulator {
  add(value: Value): void;
  result(): Value;
}

export function createAccumulator(name: AggregateName): Accumulator {
  return ACCUMULATORS[name]();
}

const ACCUMULATORS: Readonly<Record<AggregateName, () => Accumulator>> = {
  COUNT: () => {
    let count = 0;
    return {
      add: (value) => {
        if (value !== undefined) count++;
      },
      result: () => count,
    };
  },
  SUM: () => {
    const sum = createSum();
    return { add: sum.add, result: () => (sum.valid() ? sum.total() : undefined) };
  },
  AVG: () => {
    const sum = createSum();
    return {
      add: sum.add,
      result: () => (sum.valid() && sum.count() > 0 ? sum.total() / sum.count() : undefined),
    };
  },
  MIN: () => createExtreme((comparison) => comparison < 0),
  MAX: () => createExtreme((comparison) => comparison > 0),
};

/** One value that is no number makes the whole sum undefined. */
function createSum() {
  let total = 0;
  let count = 0;
  let valid = true;
  return {
    add: (value: Value): void => {
      if (value === undefined) return;
      if (typeof value !== 'number') {
        valid = false;
        return;
      }
      total += value;
      count++;
    },
    total: () => total,
    count: () => count,
    valid: () => valid,
  };
}

/** Arrays and objects have no order: one of them makes the result undefined. */
function createExtreme(better: (comparison: number) => boolean): Accumulator {
  let best: Value;
  let valid = true;
  return {
    add(value) {
      if (value === undefined) return;
      if (typeRank(value) > 4) valid = false;
      if (best === undefined || better(compareValues(value, best))) best = value;
    },
    result: () => (valid ? best : undefined),
  };
}
