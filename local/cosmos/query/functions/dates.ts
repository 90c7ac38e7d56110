import type { Value } from '../../json.ts';
import { builtIn, ofTexts, type BuiltIn } from './built-in.ts';

const TICKS_PER_MS = 10_000;

/** ISO 8601 with seven digits of fraction, as the service writes dates. */
const format = (ms: number): string => new Date(ms).toISOString().replace('Z', '0000Z');

function parse(text: Value): number | undefined {
  if (typeof text !== 'string' || !/^\d{4}-\d\d(-\d\d(T[\d:.]+Z?)?)?$/.test(text)) return undefined;
  const ms = Date.parse(text.replace(/(\.\d{3})\d+/, '$1'));
  return Number.isNaN(ms) ? undefined : ms;
}

type Unit = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'millisecond';

const UNITS: Readonly<Record<string, Unit>> = {
  year: 'year',
  yyyy: 'year',
  yy: 'year',
  month: 'month',
  mm: 'month',
  m: 'month',
  day: 'day',
  dd: 'day',
  d: 'day',
  hour: 'hour',
  hh: 'hour',
  minute: 'minute',
  mi: 'minute',
  n: 'minute',
  second: 'second',
  ss: 'second',
  s: 'second',
  millisecond: 'millisecond',
  ms: 'millisecond',
};

const unitOf = (name: Value): Unit | undefined => (typeof name === 'string' ? UNITS[name.toLowerCase()] : undefined);

const MS_PER: Readonly<Record<Exclude<Unit, 'year' | 'month'>, number>> = {
  day: 86_400_000,
  hour: 3_600_000,
  minute: 60_000,
  second: 1000,
  millisecond: 1,
};

/** A whole number of units since 1970, for differences that count boundaries. */
function countUnits(unit: Unit, ms: number): number {
  const date = new Date(ms);
  if (unit === 'year') return date.getUTCFullYear();
  if (unit === 'month') return date.getUTCFullYear() * 12 + date.getUTCMonth();
  return Math.floor(ms / MS_PER[unit]);
}

function add(unit: Unit, count: number, ms: number): number {
  if (unit !== 'year' && unit !== 'month') return ms + count * MS_PER[unit];
  const date = new Date(ms);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + (unit === 'year' ? 12 * count : count));
  const daysInMonth = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, daysInMonth));
  return date.getTime();
}

function part(unit: Unit, ms: number): number {
  const date = new Date(ms);
  switch (unit) {
    case 'year':
      return date.getUTCFullYear();
    case 'month':
      return date.getUTCMonth() + 1;
    case 'day':
      return date.getUTCDate();
    case 'hour':
      return date.getUTCHours();
    case 'minute':
      return date.getUTCMinutes();
    case 'second':
      return date.getUTCSeconds();
    case 'millisecond':
      return date.getUTCMilliseconds();
  }
}

const currentDateTime = builtIn(0, 0, (_args, clock) => format(clock()));
const currentTimestamp = builtIn(0, 0, (_args, clock) => clock());
const currentTicks = builtIn(0, 0, (_args, clock) => clock() * TICKS_PER_MS);

export const dateFunctions: Readonly<Record<string, BuiltIn>> = {
  DATETIMEADD: builtIn(3, 3, ([name, count, text]) => {
    const unit = unitOf(name);
    const ms = parse(text);
    if (unit === undefined || ms === undefined || typeof count !== 'number') return undefined;
    return format(add(unit, count, ms));
  }),
  DATETIMEDIFF: builtIn(3, 3, ([name, from, to]) => {
    const unit = unitOf(name);
    const start = parse(from);
    const end = parse(to);
    if (unit === undefined || start === undefined || end === undefined) return undefined;
    return countUnits(unit, end) - countUnits(unit, start);
  }),
  DATETIMEPART: builtIn(2, 2, ([name, text]) => {
    const unit = unitOf(name);
    const ms = parse(text);
    return unit === undefined || ms === undefined ? undefined : part(unit, ms);
  }),
  DATETIMETOTICKS: ofTexts(1, (text) => {
    const ms = parse(text);
    return ms === undefined ? undefined : ms * TICKS_PER_MS;
  }),
  DATETIMETOTIMESTAMP: ofTexts(1, parse),
  GETCURRENTDATETIME: currentDateTime,
  GETCURRENTDATETIMESTATIC: currentDateTime,
  GETCURRENTTICKS: currentTicks,
  GETCURRENTTICKSSTATIC: currentTicks,
  GETCURRENTTIMESTAMP: currentTimestamp,
  GETCURRENTTIMESTAMPSTATIC: currentTimestamp,
  TICKSTODATETIME: builtIn(1, 1, ([ticks]) => (typeof ticks === 'number' ? format(ticks / TICKS_PER_MS) : undefined)),
  TIMESTAMPTODATETIME: builtIn(1, 1, ([ms]) => (typeof ms === 'number' ? format(ms) : undefined)),
};
