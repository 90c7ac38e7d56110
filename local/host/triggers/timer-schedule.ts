import { Cron } from 'croner';
import { StartError } from '../core/start-error.ts';
import { parseTimeSpan } from '../core/time-span.ts';

/** When a timer fires. */
export interface TimerSchedule {
  /** The first moment strictly after `from`; undefined when there is none any more. */
  next(from: Date): Date | undefined;
}

/** Names in NCRONTAB count from Sunday = 0; two fields are joined by "and", unlike in Unix cron. */
const FIELDS = [5, 6];

/**
 * Reads an NCRONTAB expression (six fields, seconds first; five are taken as starting with the minute) or a TimeSpan.
 * @param timeZone IANA name, as `WEBSITE_TIME_ZONE` has it; the machine's own when absent
 * @throws StartError when it is neither, naming the function
 */
export function parseSchedule(text: string, functionName: string, timeZone?: string): TimerSchedule {
  const fields = text.trim().split(/\s+/);
  if (!FIELDS.includes(fields.length)) return everySoOften(text, functionName);
  const pattern = fields.length === 5 ? `0 ${fields.join(' ')}` : fields.join(' ');
  try {
    // `?` and the other extensions of croner are no part of NCRONTAB.
    if (/[?LW#]/.test(pattern.replaceAll(/[A-Za-z]{3}/g, ''))) throw new TypeError('unknown character');
    const cron = new Cron(pattern, {
      paused: true,
      domAndDow: true,
      mode: '6-part',
      ...(timeZone ? { timezone: timeZone } : {}),
    });
    return { next: (from) => cron.nextRun(from) ?? undefined };
  } catch (error) {
    throw wrongSchedule(text, functionName, error instanceof Error ? error.message : String(error));
  }
}

function everySoOften(text: string, functionName: string): TimerSchedule {
  const ms = parseTimeSpan(text);
  if (ms === undefined || ms <= 0) throw wrongSchedule(text, functionName, 'neither six fields nor a time span');
  return { next: (from) => new Date(from.getTime() + ms) };
}

function wrongSchedule(text: string, functionName: string, why: string): StartError {
  return new StartError(
    `Function '${functionName}': "${text}" is no schedule (${why}). Write {second} {minute} {hour} {day} {month} {day-of-week}, or hh:mm:ss.`,
  );
}
