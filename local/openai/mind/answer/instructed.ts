/** What a text orders word for word. */
export type Order =
  /** `before` is what the text says ahead of the order. */
  { say: string; before: string } | { refuse: string };

const EXACT: readonly RegExp[] = [
  /\b(?:reply|respond|answer|say|return|output|print|write)\b[^.:\n]{0,40}?\b(?:exactly|verbatim|literally)(?:\s+(?:with|this|the following|the (?:word|text|phrase|sentence)s?))*\s*[:,]?\s+(.+)$/is,
  /\b(?:reply|respond|answer)\s+(?:only|just)\s+with(?:\s+(?:the\s+)?(?:word|text|phrase|sentence|number))?\s*:?\s+(.+)$/is,
  /\b(?:reply|respond|answer)\s+with\s+(?:only|just)(?:\s+(?:the\s+)?(?:word|text|phrase|sentence|number))?\s*:?\s+(.+)$/is,
  /\b(?:reply|respond|answer)\s+with\s+(?:the\s+)?(?:single\s+)?(?:word|text|phrase|sentence)\s*:?\s+(.+)$/is,
  /\b(?:reply|respond|answer)(?:\s+with)?\s*:\s+(.+)$/is,
  /^(?:please\s+)?(?:say|repeat(?: after me)?|echo)\s*:\s*(.+)$/is,
  /^(?:please\s+)?(?:say|repeat|echo|reply(?: with)?|respond(?: with)?)\s+["“'](.+?)["”']\s*[.!]?$/is,
  /^(?:please\s+)?(?:say|echo)\s+([\p{L}\d-]+)\s*[.!]?$/iu,
];

/** The first order in the text: "reply with exactly …", "say: …", "refuse to …". */
export function orderIn(text: string): Order | undefined {
  const refusal = /\brefuse to\s+([^.!?\n]+)/i.exec(text);
  if (refusal?.[1] && !/\b(?:don't|do not|never)\s+refuse to\b/i.test(text)) {
    return {
      refuse: `I'm sorry, but I can't ${refusal[1].replace(/\b(?:my|me)\b/gi, (word) => MINE[word.toLowerCase()] ?? word)}.`,
    };
  }
  for (const pattern of EXACT) {
    const match = pattern.exec(text);
    if (match?.[1] !== undefined) return { say: unquote(match[1]), before: text.slice(0, match.index).trim() };
  }
  return undefined;
}

const MINE: Readonly<Record<string, string>> = { my: 'your', me: 'you' };

/** The quoted part when the order quotes; otherwise all of it, without the end mark of a one-liner. */
function unquote(words: string): string {
  const text = words.trim();
  const quoted = /^(["“'`])(.+?)["”'`](?=$|[.!\s])/s.exec(text)?.[2];
  if (quoted !== undefined) return quoted;
  const only = text.replace(/[,.]?\s+(?:and\s+)?nothing else\b.*$/is, '');
  return /^[^\s]+[.]$/.test(only) ? only.slice(0, -1) : only;
}
