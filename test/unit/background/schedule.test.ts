import { describe, expect, it } from 'vitest';
import { later, pauseAt } from '../../../src/background/schedule.ts';

const PACE = { firstMs: 2_000, maxMs: 30_000 };

describe('pauseAt', () => {
  it('begins with the first interval, grows with the age of the run, and stops growing at the longest', () => {
    const delays = Array.from({ length: 60 }, (_, steps) => pauseAt(steps * 8_000, PACE));
    expect(delays[0]).toBe(2_000);
    expect(delays.every((delay, index) => index === 0 || delay >= (delays[index - 1] ?? 0))).toBe(true);
    expect(delays.at(-1)).toBe(30_000);
  });
});

describe('later', () => {
  it('leaves the moment it is given alone: the orchestrator is replayed with it', () => {
    const moment = new Date(0);
    expect(later(moment, 5).getTime()).toBe(5);
    expect(moment.getTime()).toBe(0);
  });
});
