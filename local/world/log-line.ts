import { z } from 'zod';

/** What the app's logger (pino) writes. */
const record = z.looseObject({ level: z.number(), time: z.string(), msg: z.string() });

/** pino's numbers: 40 is a warning, 50 an error, 60 fatal. */
const WARNING = 40;
const ERROR = 50;

/** A line of the app's JSON log as people read it; every other line as it is. */
export function readable(line: string): string {
  const parsed = line.startsWith('{') ? record.safeParse(parseJson(line)) : undefined;
  if (!parsed?.success) return line;
  const { level, time, msg, ...facts } = parsed.data;
  const clock = /T([\d:]{8})/.exec(time)?.[1] ?? time;
  const weight = level >= ERROR ? 'ERROR ' : level >= WARNING ? 'warning ' : '';
  const rest = Object.entries(facts).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return [`${clock} ${weight}${msg}`, ...rest].join(' ');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON after all: the caller shows the line as it is.
    return undefined;
  }
}
