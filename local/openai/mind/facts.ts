import type { Item } from '../turn.ts';
import { isMessage, textOf, type Conversation } from './conversation.ts';
import type { Fact } from './memory.ts';
import { sentencesOf } from './words.ts';

/** Subject of what was only asked to be remembered, word for word. */
export const NOTE = 'note';

/** Longest text that is searched for facts: more than that is material, not conversation. */
const MAX_FACT_TEXT_CHARS = 20_000;

const known = new WeakMap<Item, readonly Fact[]>();

/** Everything that the user told in this window and before it; what was said later stands later. */
export function factsOf(talk: Conversation): Fact[] {
  const facts = [...talk.memory.facts];
  for (const item of talk.items) {
    if (!isMessage(item, 'user')) continue;
    let told = known.get(item);
    if (!told) known.set(item, (told = factsIn(textOf(item))));
    facts.push(...told);
  }
  return facts;
}

/** The facts that a text tells, sentence by sentence. */
export function factsIn(text: string): Fact[] {
  if (text.length > MAX_FACT_TEXT_CHARS) return [];
  return sentencesOf(text).flatMap((sentence) => (sentence.endsWith('?') ? [] : factsInSentence(sentence)));
}

function factsInSentence(sentence: string): Fact[] {
  const note =
    /^(?:please\s+|and\s+)?(?:remember|note|memori[sz]e|keep in mind|don't forget)\b(?:\s+that\b|\s+this\b)?[:,]?\s*(.+)$/is.exec(
      sentence,
    );
  const noted = trimEnd(note?.[1] ?? '');
  if (noted !== '' && !/^(?:it|this|that|them|me|these|all|everything)$/i.test(noted)) {
    const value = noted;
    return [{ subject: NOTE, value }, ...statementsIn(value)];
  }
  return statementsIn(sentence);
}

const STATEMENTS: readonly { pattern: RegExp; subject: (match: RegExpExecArray) => string; value: number }[] = [
  {
    pattern: /\b(?:[Cc]all me|[Ii] am called|[Ii]'m called|I am|I'm)\s+(\p{Lu}[\p{L}'-]+(?:\s+\p{Lu}[\p{L}'-]+)*)/u,
    subject: () => 'my name',
    value: 1,
  },
  {
    pattern: /\bi have an?\s+([\p{L} ]+?)\s+(?:named|called)\s+([\p{L}' -]+)/iu,
    subject: (match) => `my ${match[1] ?? ''}'s name`,
    value: 2,
  },
  { pattern: /\b(?:i am|i'm)\s+(\d{1,3})(?:\s+years?\s+old)?\b/i, subject: () => 'my age', value: 1 },
  { pattern: /\bi\s+live\s+in\s+(.+)/i, subject: () => 'my home', value: 1 },
  { pattern: /\bi\s+work\s+(?:at|for|as)\s+(.+)/i, subject: () => 'my work', value: 1 },
  { pattern: /\bi\s+(?:really\s+)?(?:like|love|prefer)\s+(.+)/i, subject: () => 'my liking', value: 1 },
  {
    pattern: /\b(my|our|the)\s+((?:[\p{L}\d'-]+\s+){0,4}?[\p{L}\d'-]+)\s+(?:is|are|was|=)\s+(?!what\b|that\b\s)(.+)/iu,
    subject: (match) => `${match[1] ?? ''} ${match[2] ?? ''}`.toLowerCase().replace(/^our\b/, 'my'),
    value: 3,
  },
];

function statementsIn(sentence: string): Fact[] {
  const facts: Fact[] = [];
  for (const clause of clausesOf(sentence)) {
    for (const { pattern, subject, value } of STATEMENTS) {
      const match = pattern.exec(clause);
      const text = trimEnd(match?.[value] ?? '');
      if (match && text) {
        facts.push({ subject: subject(match), value: text });
        break;
      }
    }
  }
  return facts;
}

/** "My name is Ada and my city is Rome" tells two things. */
function clausesOf(sentence: string): string[] {
  return sentence.split(/(?:,\s*|\s+)and\s+(?=(?:my|our|the|i|i'm|call me)\s)|;\s*|,\s+(?=(?:my|our|i|i'm)\s)/i);
}

function trimEnd(text: string): string {
  return text
    .trim()
    .replace(/[.!,;]+$/, '')
    .replace(/^["“'](.+)["”']$/s, '$1')
    .trim();
}

/** One spelling for what people write in several ways. */
export function normal(subject: string): string {
  return subject
    .toLowerCase()
    .replace(/\bfavourite\b/g, 'favorite')
    .replace(/\bcolour\b/g, 'color')
    .replace(/\bour\b/g, 'my')
    .replace(/\s+/g, ' ')
    .trim();
}

/** The latest value for a subject: told in these words, or in words that contain them. */
export function lookUp(facts: readonly Fact[], subject: string): Fact | undefined {
  const wanted = normal(subject);
  const exact = facts.findLast((fact) => normal(fact.subject) === wanted);
  if (exact) return exact;
  const words = contentWords(wanted);
  return facts.findLast((fact) => {
    const told = contentWords(normal(fact.subject));
    if (words.length === 0 || told.length === 0 || !sameOwner(words, told)) return false;
    return words.every((word) => told.includes(word)) || told.every((word) => words.includes(word));
  });
}

/** "My dog's name" is not "my name". */
function sameOwner(left: readonly string[], right: readonly string[]): boolean {
  const owners = (words: readonly string[]): string => words.filter((word) => /['’]s$/.test(word)).join(' ');
  return owners(left) === owners(right);
}

function contentWords(subject: string): string[] {
  return subject.split(' ').filter((word) => !['my', 'the', 'your', 'of', 'a'].includes(word));
}
