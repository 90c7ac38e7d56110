import type { Document } from '../input/documents.ts';
import { keywords, sentencesOf, shorten } from '../words.ts';

/** Longest quoted sentence. */
const MAX_QUOTE_CHARS = 300;
/** Sentences quoted per page, and in all, in an overview. */
const QUOTES_PER_PAGE = 2;
const QUOTES_IN_ALL = 12;

interface Quote {
  document: Document;
  page: number;
  sentence: string;
  score: number;
}

/** What the documents say to the prompt: the sentences that share its words, or an overview of each. */
export function analyse(prompt: string, documents: readonly Document[]): string {
  if (!wantsOverview(prompt)) {
    const quotes = bestQuotes(prompt, documents);
    if (quotes.length > 0) return quotes.map(quoteLine).join('\n');
  }
  return documents.map((document) => overview(document, wantsSections(prompt))).join('\n\n');
}

/** True when something in the documents touches the words of the prompt. */
export function touches(prompt: string, documents: readonly Document[]): boolean {
  return (
    /\b(?:document|pdf|file|page|report|paper|attachment)s?\b/i.test(prompt) || bestQuotes(prompt, documents).length > 0
  );
}

function wantsOverview(prompt: string): boolean {
  return (
    prompt === '' ||
    /\b(?:summar\w+|analy[sz]\w+|overview|outline|describe|key points|what is (?:this|it|the (?:document|pdf|file)) about)\b/i.test(
      prompt,
    )
  );
}

function wantsSections(prompt: string): boolean {
  return /\b(?:analy[sz]\w+|key points|markdown|sections?|report|outline)\b/i.test(prompt);
}

/** The sentences that share most words with the question; the best three, in reading order. */
function bestQuotes(prompt: string, documents: readonly Document[]): Quote[] {
  const wanted = new Set(keywords(prompt));
  if (wanted.size === 0) return [];
  const page = pageAsked(prompt);
  const quotes: Quote[] = [];
  for (const document of documents) {
    document.pages.forEach((text, index) => {
      if (page !== undefined && page !== index + 1) return;
      for (const sentence of sentencesOf(text)) {
        const score = new Set(keywords(sentence).filter((word) => wanted.has(word))).size;
        if (score > 0) quotes.push({ document, page: index + 1, sentence, score });
      }
    });
  }
  const best = Math.max(...quotes.map((quote) => quote.score));
  return quotes.filter((quote) => quote.score === best).slice(0, 3);
}

function pageAsked(prompt: string): number | undefined {
  const digits = /\bpage\s+(\d+)/i.exec(prompt)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function quoteLine({ document, page, sentence }: Quote): string {
  return `Page ${page} of ${document.name} says: "${shorten(sentence, MAX_QUOTE_CHARS)}"`;
}

function overview(document: Document, sections: boolean): string {
  const count = document.pages.length;
  const pages = `${count} page${count === 1 ? '' : 's'}`;
  if (document.pages.every((text) => text.trim() === '')) {
    return `${document.name} has ${pages} and no text layer: it looks like a scan, and I can only read text.`;
  }
  const points = quotedPoints(document);
  if (!sections) return `"${document.title}" (${document.name}) has ${pages}. ${points.map(plainPoint).join(' ')}`;
  return [
    `# ${document.title}`,
    `## Summary`,
    `${document.name} has ${pages}. ${points.slice(0, 3).map(plainPoint).join(' ')}`,
    `## Key points`,
    points.map(({ page, sentence }) => `- "${sentence}" (page ${page})`).join('\n'),
    ...emptyPages(document),
  ].join('\n\n');
}

function plainPoint({ page, sentence }: { page: number; sentence: string }): string {
  return `Page ${page}: "${sentence}"`;
}

function quotedPoints(document: Document): { page: number; sentence: string }[] {
  const perPage = document.pages.length > QUOTES_IN_ALL / QUOTES_PER_PAGE ? 1 : QUOTES_PER_PAGE;
  return document.pages
    .flatMap((text, index) =>
      sentencesOf(text)
        .filter((sentence) => sentence !== document.title)
        .slice(0, perPage)
        .map((sentence) => ({ page: index + 1, sentence: shorten(sentence, MAX_QUOTE_CHARS) })),
    )
    .slice(0, QUOTES_IN_ALL);
}

function emptyPages(document: Document): string[] {
  const empty = document.pages.flatMap((text, index) => (text.trim() === '' ? [String(index + 1)] : []));
  return empty.length === 0 ? [] : [`Without text (scanned, or a picture only): page ${empty.join(', ')}.`];
}
