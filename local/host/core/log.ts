import type { HostLog, LogLevel } from './types.ts';

const RANK: Record<LogLevel, number> = {
  trace: 0,
  debug: 1,
  information: 2,
  warning: 3,
  error: 4,
  critical: 5,
  none: 6,
};

const COLOURS: Partial<Record<LogLevel, string>> = {
  warning: '\u001b[33m',
  error: '\u001b[31m',
  critical: '\u001b[31m',
};

/** What follows one of these is a secret (the real host's Sanitizer looks for the same). */
const CREDENTIAL = /\b(AccountKey|SharedAccessKey|SharedAccessSignature|Password|Pwd|Token|sig)=[^;&"'\s]+/gi;

/** Takes credentials out of a text: they come in with the words of errors. */
function withoutCredentials(text: string): string {
  return text.includes('=') ? text.replaceAll(CREDENTIAL, '$1=[Hidden Credential]') : text;
}

/**
 * Makes a log that writes one line for each message to `write`.
 * @param levels host.json's `logging.logLevel`: the longest prefix of a category decides; default `information`
 */
export function createLog(
  levels: () => Readonly<Record<string, LogLevel>>,
  write: (line: string) => void,
  colours = false,
): HostLog {
  return (level, category, message) => {
    if (RANK[level] < RANK[leastLevel(levels(), category)]) return;
    const colour = colours ? COLOURS[level] : undefined;
    const label = level === 'information' ? '' : `${level}: `;
    const line = `[${new Date().toISOString()}] ${category}: ${label}${withoutCredentials(message)}`;
    write(colour === undefined ? line : `${colour}${line}\u001b[0m`);
  };
}

function leastLevel(levels: Readonly<Record<string, LogLevel>>, category: string): LogLevel {
  let best = '';
  let found: LogLevel = levels.default ?? levels.Default ?? 'information';
  for (const [prefix, level] of Object.entries(levels)) {
    const applies = category === prefix || category.startsWith(`${prefix}.`);
    if (!applies || prefix.length <= best.length) continue;
    best = prefix;
    found = level;
  }
  return found;
}
