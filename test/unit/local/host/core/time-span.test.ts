import { describe, expect, it } from 'vitest';
import { parseTimeSpan } from '../../../../../local/host/core/time-span.ts';

describe('time spans', () => {
  it.each([
    ['00:00:01', 1000],
    ['01:02:03', 3_723_000],
    ['1.00:00:00', 86_400_000],
    ['00:00:00.5', 500],
    ['02:30', 9_000_000],
    ['7', 7 * 86_400_000],
    ['-00:00:01', -1000],
  ])('%s', (text, ms) => {
    expect(parseTimeSpan(text)).toBe(ms);
  });

  it.each(['', 'soon', '1h', '0 * * * * *'])('"%s" is none', (text) => {
    expect(parseTimeSpan(text)).toBeUndefined();
  });
});
