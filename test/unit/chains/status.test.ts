import { describe, expect, it } from 'vitest';
import { mayMove, readServiceStatus, TERMINAL_STATUSES, type RecordStatus } from '../../../src/chains/status.ts';

const ALL: RecordStatus[] = ['queued', 'in_progress', ...TERMINAL_STATUSES, 'deleted'];

describe('mayMove', () => {
  it('lets a run go forward only', () => {
    expect(mayMove('queued', 'in_progress')).toBe(true);
    expect(mayMove('in_progress', 'queued')).toBe(false);
  });

  it.each(TERMINAL_STATUSES)('%s absorbs everything but deletion', (terminal) => {
    expect(ALL.filter((to) => mayMove(terminal, to))).toEqual(['deleted']);
  });

  it('deleted absorbs everything', () => {
    expect(ALL.filter((to) => mayMove('deleted', to))).toEqual([]);
  });
});

describe('readServiceStatus', () => {
  it('knows no status that nobody has heard of', () => {
    expect(readServiceStatus('thinking_hard')).toBeUndefined();
    expect(readServiceStatus(undefined)).toBeUndefined();
  });
});
