import { describe, expect, it } from 'vitest';
import { firstRun, LEASE_MS, leaseRemainsMs, unansweredOf } from '../../../src/background/submit.ts';

const NOW = 1_800_000_000_000;
const clock = { now: () => NOW, ticks: () => 0, sleep: () => Promise.resolve() };

describe('the submission lease', () => {
  it('keeps others away while the submitter may still get an answer, and no longer', () => {
    const run = firstRun(clock, false);
    expect(leaseRemainsMs(run, NOW)).toBe(LEASE_MS);
    expect(leaseRemainsMs(run, NOW + LEASE_MS - 1)).toBe(1);
    expect(leaseRemainsMs(run, NOW + LEASE_MS)).toBe(0);
  });

  it('does not hold for an hour because a clock was set back by one', () => {
    expect(leaseRemainsMs(firstRun(clock, false), NOW - 3_600_000)).toBe(0);
  });

  it('holds for an instance whose clock is a little behind', () => {
    expect(leaseRemainsMs(firstRun(clock, false), NOW - 500)).toBe(LEASE_MS + 500);
  });

  it('counts a submitter who died as a submission without an answer', () => {
    expect(unansweredOf(firstRun(clock, false))).toBe(1);
    expect(unansweredOf({ attempts: 2, unanswered: 1 })).toBe(1);
    expect(unansweredOf(undefined)).toBe(0);
  });
});
