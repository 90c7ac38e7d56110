import { workOut } from '../answer/arithmetic.ts';
import { numberOf, stringOf, type Fields } from '../values.ts';
import { keywords, sentencesOf, shorten } from '../words.ts';
import type { Clues } from './clues.ts';
import { matches, sampleOf } from './pattern.ts';

/** A value for a form field, and whether the text really says it. */
export interface Filled {
  value: unknown;
  evident: boolean;
}

/** Longest text that is put whole into a field. */
const MAX_FIELD_CHARS = 1_000;

interface Kind {
  /** Matches the field's name, words parted by spaces. */
  name: RegExp;
  find: (clues: Clues) => string | undefined;
}

const KINDS: readonly Kind[] = [
  // "CUST-12345", "C1": letters and digits without a blank.
  { name: /\bids?\b/, find: (clues) => clues.find(/\b(?=[\w-]{0,40}\d)(?=[\w-]{0,40}[A-Za-z])\w[\w-]{1,40}\b/) },
  { name: /\be ?mail\b/, find: (clues) => clues.find(EMAIL) },
  { name: /\b(?:url|uri|link|website)\b/, find: (clues) => clues.find(URL_TEXT) },
  { name: /\bphone\b/, find: (clues) => clues.find(/\+?\d[\d ()/-]{6,20}\d/) },
  { name: /\b(?:date|day|due|deadline|when)\b/, find: (clues) => clues.date()?.spoken },
  { name: /\btime\b/, find: (clues) => clues.find(/\b\d{1,2}(?::\d{2})?\s?(?:[ap]m)\b|\b\d{1,2}:\d{2}\b/i) },
  {
    name: /\b(?:location|city|town|place|country|region|destination|where|address)\b/,
    find: (clues) => clues.places()[0] ?? placeName(clues),
  },
  { name: /\b(?:expression|formula|equation|calculation)\b/, find: (clues) => workOut(clues.text)?.expression },
  { name: /\b(?:final answer|result|solution)\b/, find: solution },
  { name: /\b(?:title|subject|headline|heading)\b/, find: (clues) => clues.title ?? clues.quoted()[0] ?? thing(clues) },
  {
    name: /\b(?:to|recipient|person|people|author|customer|user|employee|attendee|participant|contact|first name|last name|full name)\b/,
    find: (clues) => clues.names()[0],
  },
  { name: /\bevent\b/, find: thing },
  { name: /\bname\b/, find: (clues) => thing(clues) ?? clues.names()[0] ?? clues.quoted()[0] },
  {
    name: /\b(?:unit|units)\b/,
    find: (clues) => clues.find(/\b(?:celsius|fahrenheit|kelvin|metric|imperial|km|miles?)\b/i),
  },
  { name: /\bcurrency\b/, find: (clues) => clues.find(/\b(?:EUR|USD|GBP|CHF|JPY)\b/) },
  {
    name: /\b(?:colou?r)\b/,
    find: (clues) => clues.find(/\b(?:red|orange|yellow|green|blue|purple|pink|brown|black|white|gr[ae]y|teal)\b/i),
  },
  {
    name: /\b(?:summary|abstract|description|explanation|reason|notes?|overview)\b/,
    find: (clues) => shorten(sentencesOf(clues.text).slice(0, 2).join(' '), 400),
  },
  {
    name: /\b(?:query|question|search|prompt|text|input|content|topic|request|keywords?|term|code|command)\b/,
    find: (clues) => clues.quoted()[0] ?? clues.text,
  },
  { name: /\b(?:message|body)\b/, find: saying },
];

/** Bounded, so that a long run of letters is not searched from each of them to its end. */
const EMAIL = /(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+/;
const URL_TEXT = /https?:\/\/[^\s"'<>)]+[^\s"'<>).,;!?]/;

/** A string for the field; always one that the schema allows, as far as the schema's pattern can be met. */
export function fillString(name: string, schema: Fields, clues: Clues): Filled {
  const format = stringOf(schema['format']);
  const found = (format === undefined ? undefined : byFormat(format, clues)) ?? byName(name, schema, clues, format);
  if (found !== undefined && fits(found, schema)) return { value: fitLength(found, schema), evident: true };
  const fallback = format === undefined ? freeText(clues) : (DEFAULTS[format] ?? freeText(clues));
  return { value: allowed(fallback, schema), evident: false };
}

function byName(name: string, schema: Fields, clues: Clues, format: string | undefined): string | undefined {
  if (format !== undefined && format in DEFAULTS) return undefined;
  const labelled = clues.labelled(name);
  if (labelled !== undefined) return labelled;
  const spelled = spell(name);
  const kind = KINDS.find((entry) => entry.name.test(spelled)) ?? describedKind(schema);
  return kind?.find(clues) || undefined;
}

/** When the name says nothing ("q"), the description may: "The city to look up". */
function describedKind(schema: Fields): Kind | undefined {
  const description = stringOf(schema['description'])?.toLowerCase();
  return description === undefined ? undefined : KINDS.find((entry) => entry.name.test(description));
}

/** `firstName` and `first_name` are "first name". */
export function spell(name: string): string {
  return name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/[_.-]+/g, ' ')
    .toLowerCase();
}

function byFormat(format: string, clues: Clues): string | undefined {
  switch (format) {
    case 'date':
      return clues.date()?.iso;
    case 'date-time':
      return clues.find(/\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})\b/);
    case 'time':
      return clues.find(/\b\d{2}:\d{2}:\d{2}(?:Z|[+-]\d{2}:\d{2})\b/);
    case 'email':
      return clues.find(EMAIL);
    case 'uri':
      return clues.find(URL_TEXT);
    case 'uuid':
      return clues.find(/\b[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\b/i);
    case 'ipv4':
      return clues.find(/\b(?:\d{1,3}\.){3}\d{1,3}\b/);
    default:
      return undefined;
  }
}

/** What is given for a format when the text has nothing: recognisably made up. */
const DEFAULTS: Readonly<Record<string, string>> = {
  date: '2025-01-01',
  'date-time': '2025-01-01T00:00:00Z',
  time: '00:00:00Z',
  duration: 'P1D',
  email: 'nobody@example.com',
  hostname: 'example.com',
  uri: 'https://example.com/',
  uuid: '00000000-0000-4000-8000-000000000000',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
};

function freeText(clues: Clues): string {
  return clues.quoted()[0] ?? clues.names()[0] ?? shorten(clues.text.replace(/\s+/g, ' '), MAX_FIELD_CHARS);
}

/** A place may be named without "in": "Paris weather". */
function placeName(clues: Clues): string | undefined {
  return clues.names()[0];
}

/** "a science fair" gives "Science Fair"; otherwise a name. */
function thing(clues: Clues): string | undefined {
  const noun =
    /\b(?:an?|the)\s+([\p{L}]+(?:\s+[\p{L}]+){0,2}?)\s+(?:on|at|in|for|with|next|this|tomorrow|today)\b/u.exec(
      clues.text,
    )?.[1];
  return noun?.replace(/(?<!\S)\p{L}/gu, (letter) => letter.toUpperCase()) ?? clues.names()[0];
}

/** What somebody is to be told: quoted, after "saying" or after "that". */
function saying(clues: Clues): string | undefined {
  return (
    clues.quoted()[0] ??
    /\b(?:saying|that says|telling (?:him|her|them)|that)\s+(.+?)[.!?]?$/is.exec(clues.text)?.[1] ??
    clues.text
  );
}

function solution(clues: Clues): string | undefined {
  const worked = workOut(clues.text);
  if (!worked) return undefined;
  return worked.unknown === undefined ? worked.result : `${worked.unknown} = ${worked.result}`;
}

function fits(text: string, schema: Fields): boolean {
  const pattern = stringOf(schema['pattern']);
  return pattern === undefined || matches(pattern, fitLength(text, schema));
}

/** True for a text that the schema takes as it is. */
export function isAllowed(text: string, schema: Fields): boolean {
  return fitLength(text, schema) === text && fits(text, schema);
}

function allowed(text: string, schema: Fields): string {
  const fitted = fitLength(text, schema);
  const pattern = stringOf(schema['pattern']);
  if (pattern === undefined || matches(pattern, fitted)) return fitted;
  return sampleOf(pattern) ?? fitted;
}

function fitLength(text: string, schema: Fields): string {
  const max = numberOf(schema['maxLength']) ?? Infinity;
  const min = numberOf(schema['minLength']) ?? 0;
  // JSON schema counts characters, not UTF-16 units.
  const characters = Array.from(text);
  if (characters.length > max) return characters.slice(0, max).join('');
  return text + '.'.repeat(Math.max(0, min - characters.length));
}

/** Stemmed words of a field's name: what stands next to its number in a text. */
export function nameWords(name: string): string[] {
  return keywords(spell(name));
}
