import { sentencesOf } from '../words.ts';

interface Style {
  pattern: RegExp;
  apply: (text: string, match: RegExpExecArray) => string;
}

const quoted = String.raw`\s*:?\s*["“'](.+?)["”']`;
const every = String.raw`(?:(?:every|each|all|your|the)\s+)*(?:answer|reply|response|message|sentence|output)?s?`;

/** Ways of answering that instructions may ask for, in the order in which they are applied. */
const STYLES: readonly Style[] = [
  {
    pattern: /\b(?:just|only)\s+(?:with\s+)?(?:the|a)\s+(?:number|result|digits?)\b/i,
    apply: (text) => text.match(/-?\d+(?:\.\d+)?/g)?.at(-1) ?? text,
  },
  {
    pattern: /\b(?:just|only)\s+(?:with\s+)?(?:the|my|a)\s+(?:name|answer|value|word|code)\b/i,
    apply: (text) => lastClause(text).replace(/[.]$/, ''),
  },
  { pattern: /\b(?:one|a single) word\b/i, apply: (text) => /[\p{L}\d]+/u.exec(lastClause(text))?.[0] ?? text },
  {
    pattern:
      /\b(?:in|with|to|use) (?:one|a single|1) (?:short )?sentence\b|\b(?:be|answer|reply) (?:very )?(?:brief|short|concise)(?:ly)?\b|\bbriefly\b/i,
    apply: (text) => sentencesOf(text)[0] ?? text,
  },
  {
    pattern: /\b(?:as|in|with|use) (?:a )?bullet(?:ed|s)?\b/i,
    apply: (text) =>
      sentencesOf(text)
        .map((s) => `- ${s}`)
        .join('\n'),
  },
  {
    pattern: /\b(?:talk|speak|answer|write|reply|respond) like a pirate\b|\byou are a pirate\b/i,
    apply: (text) => `Arr, matey! ${text}`,
  },
  {
    pattern: new RegExp(String.raw`\b(?:start|begin|prefix)\s+${every}\s*with${quoted}`, 'i'),
    apply: (text, match) => `${match[1] ?? ''} ${text}`,
  },
  {
    pattern: new RegExp(String.raw`\b(?:end|finish)\s+${every}\s*with${quoted}`, 'i'),
    apply: (text, match) => `${text} ${match[1] ?? ''}`,
  },
  { pattern: /\b(?:upper[- ]?case|capital letters|all caps)\b/i, apply: (text) => text.toUpperCase() },
  { pattern: /\blower[- ]?case\b/i, apply: (text) => text.toLowerCase() },
];

/** Applies what the orders ask for: upper case, one sentence, a beginning, an end. */
export function styled(text: string, orders: string): string {
  if (orders === '') return text;
  let result = text;
  for (const { pattern, apply } of STYLES) {
    const match = pattern.exec(orders);
    if (match) result = apply(result, match);
  }
  return result;
}

/** What comes after "is" or ":" carries the answer: "Your name is Ada." in one word is "Ada". */
function lastClause(text: string): string {
  return /(?:\bis|:)\s+(.+)$/s.exec(sentencesOf(text).at(-1) ?? text)?.[1] ?? text;
}
