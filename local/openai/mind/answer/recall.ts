import { factsIn, lookUp, normal, NOTE } from '../facts.ts';
import type { Fact } from '../memory.ts';
import { capitalize, listWords, shorten } from '../words.ts';

/** What somebody told, or asked, and what can be said to it. */
export interface Told {
  facts: readonly Fact[];
  /** Texts of earlier user messages, oldest first. */
  earlier: readonly string[];
}

/** Answers a question about what was told before, or acknowledges what is told now; nothing for other sentences. */
export function recall(sentence: string, told: Told): string | undefined {
  const asked = subjectAsked(sentence);
  return (
    (asked && known(asked, told.facts)) ??
    aboutTheTalk(sentence, told) ??
    (asked && missing(asked)) ??
    acknowledge(sentence)
  );
}

const FIRST = /\bwhat\b.*\bfirst\b.*\b(?:message|question|ask|say|said)/i;
const LAST = /\bwhat\b.*\b(?:did i (?:just )?(?:ask|say)|(?:was|is) my (?:last|previous) (?:message|question))/i;
const ALL =
  /\b(?:what|which)\b.*\b(?:remember|know about me|told you|tell you|ask(?:ed)? you to)\b|\bwhat have i told\b/i;

function aboutTheTalk(sentence: string, { facts, earlier }: Told): string | undefined {
  if (FIRST.test(sentence)) return quoteRequest('first', earlier[0]);
  if (ALL.test(sentence)) {
    const sayings = [...new Set(facts.map(spoken))];
    return sayings.length > 0
      ? `You told me that ${listWords(sayings)}.`
      : 'You have not told me anything to remember.';
  }
  return LAST.test(sentence) ? quoteRequest('last', earlier.at(-1)) : undefined;
}

function quoteRequest(which: string, text: string | undefined): string {
  return text === undefined ? 'This is your first message.' : `Your ${which} message was: "${shorten(text, 300)}"`;
}

const QUESTIONS: readonly { pattern: RegExp; subject: (match: RegExpExecArray) => string }[] = [
  { pattern: /\bwho am i\b/i, subject: () => 'my name' },
  { pattern: /\bhow old am i\b/i, subject: () => 'my age' },
  {
    pattern: /\bwhere do i live\b|\b(?:which|what) (?:city|town|country|place) do i live in\b/i,
    subject: () => 'my home',
  },
  { pattern: /\b(?:where do i work|what do i do for (?:a living|work))\b/i, subject: () => 'my work' },
  { pattern: /\bwhat do i (?:like|love|prefer)\b/i, subject: () => 'my liking' },
  {
    pattern:
      /\b(?:what|who|which|where|when)(?:'s| is| was| are| were)\s+((?:my|our)\s+[^?.!,]+?)(?:\s+(?:again|please|called|then|now))?\s*[?.!]*$/i,
    subject: (match) => match[1] ?? '',
  },
  {
    pattern:
      /\b(?:(?:do|can) you (?:still )?(?:remember|know|recall|tell me)|tell me|repeat|recall)\s+((?:my|our)\s+[^?.!,]+)/i,
    subject: (match) => match[1] ?? '',
  },
  {
    pattern:
      /\b(?:what|which)(?:'s| is| was| are| were)\s+(the\s+[^?.!,]+?)(?:\s+(?:again|please|i told you.*|i gave you.*|from before))?\s*[?.!]*$/i,
    subject: (match) => match[1] ?? '',
  },
  {
    pattern: /\bwhich\s+([\p{L}\d ]+?)\s+(?:did i|do i|is mine|was it)/iu,
    subject: (match) => `my ${match[1] ?? ''}`,
  },
];

/** What the sentence asks about: "my name", "the code word". */
function subjectAsked(sentence: string): string | undefined {
  for (const { pattern, subject } of QUESTIONS) {
    const match = pattern.exec(sentence);
    if (match) return subject(match).trim();
  }
  return undefined;
}

function known(asked: string, facts: readonly Fact[]): string | undefined {
  const fact = lookUp(facts, asked);
  if (fact) return `${capitalize(spoken(fact))}.`;
  const note = noteAbout(asked, facts);
  return note === undefined ? undefined : `You asked me to remember: ${note}.`;
}

/** What "the …" is may be known elsewhere; only what is the user's own must have been told. */
function missing(asked: string): string | undefined {
  return /^(?:my|our)\b/i.test(asked)
    ? `You have not told me your ${asked.replace(/^(?:my|our)\s+/i, '')}.`
    : undefined;
}

function noteAbout(asked: string, facts: readonly Fact[]): string | undefined {
  const words = normal(asked).split(' ').slice(1);
  return facts.findLast(
    (fact) => fact.subject === NOTE && words.length > 0 && words.every((word) => normal(fact.value).includes(word)),
  )?.value;
}

/** Only what is plainly meant to be kept is acknowledged: "the weather is nice" is just talk. */
function acknowledge(sentence: string): string | undefined {
  const told = factsIn(sentence);
  const note = told.find((fact) => fact.subject === NOTE);
  if (note) return `I will remember: ${note.value}.`;
  const own = told.filter(
    (fact) => fact.subject.startsWith('my ') || /\b(?:code|word|password|secret|number|key|name)\b/.test(fact.subject),
  );
  if (own.length === 0) return undefined;
  const name = own.find((fact) => fact.subject === 'my name');
  const greeting = name ? `Nice to meet you, ${name.value}. ` : '';
  return `${greeting}I will remember that ${listWords(own.map(spoken))}.`;
}

const SPOKEN: Readonly<Record<string, (value: string) => string>> = {
  'my age': (value) => `you are ${value} years old`,
  'my home': (value) => `you live in ${value}`,
  'my work': (value) => `you work at ${value}`,
  'my liking': (value) => `you like ${value}`,
  [NOTE]: (value) => value,
};

/** The fact in the second person: "your name is Ada". */
function spoken(fact: Fact): string {
  const plain = SPOKEN[fact.subject];
  return plain ? plain(fact.value) : `${fact.subject.replace(/^my\b/, 'your')} is ${fact.value}`;
}
