import { numberFrom } from '../words.ts';

/** What a text orders word for word. */
export type Order =
  /** `before` is what the text says ahead of the order. */
  { say: string; before: string } | { refuse: string };

/** Not the noun: "end every answer with …" is about style. */
const NOUN = String.raw`(?<!\b(?:every|each|your|the|an|all|any|my|this|that)\s)`;
const REPLY = String.raw`${NOUN}\b(?:reply|respond|answer|say|return|output|print|write)\b`;
/** Words that only announce what is to be said. */
const LEAD = String.raw`(?:\s+(?:with|this|these|the|following|one|a|single|words?|text|phrase|sentence|string|line|number|json|and|nothing|else))*`;

const EXACT: readonly RegExp[] = [
  new RegExp(String.raw`${REPLY}[^.:\n]{0,40}?\b(?:exactly|verbatim|literally)${LEAD}\s*[:,]?\s+(.+)$`, 'is'),
  new RegExp(
    String.raw`${REPLY}\s+(?:only|just|with)(?:\s+(?:only|just|with))*\s+(?:(?:the\s+)?(?:single\s+)?(?:word|text|phrase|sentence|string|number|following(?:\s+\w+)?)\s*:?\s+|the following:\s+)(.+)$`,
    'is',
  ),
  new RegExp(String.raw`${REPLY}\s+(?:only|just|with)(?:\s+(?:only|just|with))*\s*:?\s+(["“'].+?["”'])`, 'is'),
  new RegExp(
    String.raw`${NOUN}\b(?:[Rr]eply|[Rr]espond|[Aa]nswer)\s+(?:(?:only|just)\s+)?with\s+([A-Z][A-Z\d_!-]*)\s*[.!]?$`,
  ),
  new RegExp(String.raw`${NOUN}\b(?:reply|respond|answer)(?:\s+with)?\s*:\s+(.+)$`, 'is'),
  /^(?:(?:please|just)\s+)*(?:say|repeat(?: after me)?|echo)\s*:\s*(.+)$/is,
  /^(?:(?:please|just)\s+)*(?:say|repeat(?: after me)?|echo|reply|respond)\s+(["“'].+?["”'])\s*[.!]?$/is,
  /^(?:(?:please|just)\s+)*(?:say|echo)\s+([\p{L}\d-]+)(?:\s+in one word)?\s*[.!]?$/iu,
];

/** The first order in the text: "reply with exactly …", "say: …", "repeat … 5 times", "refuse to …". */
export function orderIn(text: string): Order | undefined {
  const refusal = /\brefuse to\s+([^.!?\n]+)/i.exec(text);
  if (refusal?.[1] && !/\b(?:don't|do not|never)\s+refuse to\b/i.test(text)) {
    return {
      refuse: `I'm sorry, but I can't ${refusal[1].replace(/\b(?:my|me)\b/gi, (word) => MINE[word.toLowerCase()] ?? word)}.`,
    };
  }
  const repeated = repetition(text);
  if (repeated) return repeated;
  for (const pattern of EXACT) {
    const match = pattern.exec(text);
    if (match?.[1] !== undefined) return { say: unquote(match[1]), before: text.slice(0, match.index).trim() };
  }
  return undefined;
}

const MINE: Readonly<Record<string, string>> = { my: 'your', me: 'you' };

/** Most repetitions that are written out. */
const MAX_TIMES = 10_000;

/** `Say "double bubble bath" ten times fast.` */
function repetition(text: string): Order | undefined {
  const match =
    /\b(?:say|repeat|write|print|echo)\s+(?:the\s+(?:word|phrase|text)\s+)?(?:["“'](.+?)["”']|([\p{L}\d-]+))\s+(\d{1,5}|\p{L}+)\s+times\b/iu.exec(
      text,
    );
  const times = numberFrom(match?.[3] ?? '');
  const words = match?.[1] ?? match?.[2];
  if (!match || times === undefined || words === undefined) return undefined;
  return {
    say: Array.from({ length: Math.min(times, MAX_TIMES) }, () => words).join(' '),
    before: text.slice(0, match.index).trim(),
  };
}

/** The quoted part when the order quotes; otherwise all of it, without the end mark of a one-liner. */
function unquote(words: string): string {
  const text = words.trim();
  const quoted = /^(["“'`])(.+?)["”'`](?=$|[.!\s])/s.exec(text)?.[2];
  if (quoted !== undefined) return quoted;
  const only = text.replace(/[,.]?\s+(?:and\s+)?nothing else\b.*$/is, '');
  return /^[^\s]+[.]$/.test(only) ? only.slice(0, -1) : only;
}
