import { describe, expect, it } from 'vitest';
import { parseSchedule } from '../../../../../local/host/triggers/timer-schedule.ts';

const next = (schedule: string, from: string, timeZone = 'UTC'): string | undefined =>
  parseSchedule(schedule, 'f', timeZone).next(new Date(from))?.toISOString();

describe('schedules', () => {
  it.each([
    ['*/5 * * * * *', '2026-01-01T00:00:02Z', '2026-01-01T00:00:05.000Z'],
    ['0 */5 * * * *', '2026-01-01T00:00:00Z', '2026-01-01T00:05:00.000Z'],
    ['*/5 * * * *', '2026-01-01T00:00:00Z', '2026-01-01T00:05:00.000Z'],
    ['0 30 9 * * 1-5', '2026-01-02T10:00:00Z', '2026-01-05T09:30:00.000Z'],
    ['0 0 0 1 Jan *', '2026-01-01T00:00:00Z', '2027-01-01T00:00:00.000Z'],
    ['0 0 12 * * Sun', '2026-01-01T00:00:00Z', '2026-01-04T12:00:00.000Z'],
    ['0 0 12 * * 0', '2026-01-01T00:00:00Z', '2026-01-04T12:00:00.000Z'],
    ['01:30:00', '2026-01-01T00:00:00Z', '2026-01-01T01:30:00.000Z'],
  ])('%s after %s', (schedule, from, expected) => {
    expect(next(schedule, from)).toBe(expected);
  });

  it('wants day and weekday both, unlike Unix cron', () => {
    expect(next('0 0 0 13 * Fri', '2026-01-01T00:00:00Z')).toBe('2026-02-13T00:00:00.000Z');
  });

  it('follows the time zone', () => {
    expect(next('0 0 9 * * *', '2026-01-01T00:00:00Z', 'America/New_York')).toBe('2026-01-01T14:00:00.000Z');
  });

  it('never gives the moment itself', () => {
    expect(next('* * * * * *', '2026-01-01T00:00:00.000Z')).toBe('2026-01-01T00:00:01.000Z');
  });

  it.each(['61 * * * * *', '* * *', 'soon', '00:00:00', '0 0 L * * *', '0 0 * * * ?'])(
    'names what is none: %s',
    (text) => {
      expect(() => parseSchedule(text, 'f')).toThrow(/Function 'f': ".*" is no schedule/);
    },
  );
});
