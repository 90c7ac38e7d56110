import { hashOf } from '../values.ts';
import { capitalize, numberFrom } from '../words.ts';

/** Longest text that is written on demand. */
const MAX_WORDS = 100_000;

/** How many words the prompt asks for: "write 2000 words", "in 100 words", "a 300-word essay". */
export function wordsAsked(prompt: string): number | undefined {
  const match = /\b([\d][\d,.]*)[\s-]*words?\b(?!\s+(?:or|are|is|that|in)\b)/i.exec(prompt);
  if (!match?.[1]) return undefined;
  const count = Number(match[1].replace(/[,.]/g, ''));
  return count >= 1 ? Math.min(count, MAX_WORDS) : undefined;
}

/** Kinds of text that are written without a source, and how long they are when nothing is said. */
const KINDS: readonly { pattern: RegExp; words: number }[] = [
  { pattern: /\bvery long (?:story|text|essay|article|answer)\b/i, words: 1_200 },
  { pattern: /\blong (?:story|text|essay|article|answer)\b/i, words: 600 },
  { pattern: /\b(?:essay|article|blog post)\b/i, words: 300 },
  { pattern: /\b(?:story|tale|fairy tale)\b/i, words: 200 },
  { pattern: /\b(?:poem|verse|song|limerick)\b/i, words: 40 },
  { pattern: /\b(?:paragraph|letter|email|e-mail|text)\b/i, words: 80 },
];

/** "three sentences": how many sentences the text is to have. */
export function sentencesAsked(prompt: string): number | undefined {
  return numberFrom(/\b(\d{1,3}|\p{L}+)[\s-]sentences?\b/iu.exec(prompt)?.[1] ?? '');
}

/** Sentences about the topic, the same for the same topic. */
export function sentencesAbout(topic: string, count: number): string {
  const seed = hashOf(topic);
  return Array.from({ length: count }, (_, index) => sentenceAbout(topic, seed, index)).join(' ');
}

export function haiku(topic: string): string {
  return `Morning, and once more\n${topic}, turning quietly\nback into itself`;
}

/** How long a text of its own the prompt asks to be written; `undefined` when it asks for none. */
export function essayAsked(prompt: string): number | undefined {
  if (!/\b(?:write|tell|compose|generate|create|give me|invent|make up)\b/i.test(prompt)) return undefined;
  const words = wordsAsked(prompt);
  if (words !== undefined) return words;
  if (!/\b(?:write|tell|compose|invent|make up)\b/i.test(prompt)) return undefined;
  return KINDS.find(({ pattern }) => pattern.test(prompt))?.words;
}

const OPENINGS = [
  'In the morning',
  'After a while',
  'Not far away',
  'On the next day',
  'Without any hurry',
  'By the evening',
];
const SUBJECTS = [
  'the traveller',
  'a patient engineer',
  'the old lighthouse',
  'a small orchestra',
  'the careful reader',
  'somebody new',
];
const VERBS = [
  'looked closely at',
  'wrote about',
  'asked a question about',
  'remembered',
  'drew a map of',
  'kept returning to',
];
const ENDINGS = [
  'and took good notes',
  'while the rain went on',
  'as if it were the first time',
  'and nothing was lost',
  'before the bell rang',
  'with great calm',
];

/** A text of exactly `count` words about the topic, the same for the same prompt. */
export function essay(topic: string, count: number): string {
  const seed = hashOf(topic);
  const paragraphs: string[] = [];
  let words: string[] = [];
  let sentence = 0;
  let left = count;
  while (left > 0) {
    const next = sentenceAbout(topic, seed, sentence++).split(' ').slice(0, left);
    left -= next.length;
    words.push(...next);
    if (left === 0 || (words.length >= 90 && left > 20)) {
      paragraphs.push(words.join(' '));
      words = [];
    }
  }
  return endSentence(paragraphs.join('\n\n'));
}

function sentenceAbout(topic: string, seed: number, index: number): string {
  const pick = (list: readonly string[], step: number): string => list[(seed + index * step) % list.length] ?? '';
  const line = `${pick(OPENINGS, 1)} ${pick(SUBJECTS, 5)} ${pick(VERBS, 7)} ${topic} ${pick(ENDINGS, 11)}`;
  return `${capitalize(line)}.`;
}

/** Brings a text to about `count` words: cut at the end, or continued with sentences about the topic. */
export function fitWords(text: string, count: number, topic: string): string {
  const words = text.split(/\s+/).filter((word) => word !== '');
  if (words.length >= count) return endSentence(words.slice(0, count).join(' '));
  return `${endSentence(text)} ${essay(topic, count - words.length)}`;
}

function endSentence(text: string): string {
  return /[.!?…]["”]?$/.test(text) ? text : `${text.replace(/[,;:]$/, '')}.`;
}

/** What a request is about: "Write 200 words about the sea" gives "the sea". */
export function topicOf(prompt: string): string {
  const about =
    /\b(?:about|on|regarding|describing|explaining|over)\s+((?!\d)[^.!?\n]{2,80})/i.exec(prompt)?.[1] ??
    /\b(?:define|explain|describe|summarize|summarise|discuss)\s+(?:the (?:concept|idea|term) of\s+)?([^.!?\n]{2,80})/i.exec(
      prompt,
    )?.[1];
  if (about) return about.replace(/\s+in\s+(?:about\s+|exactly\s+)?(?:\d|one|two|three|a few)\S*\s+\S+$/i, '').trim();
  return 'the matter at hand';
}
