import { keywords } from '../words.ts';

/** What a tool says about itself. */
export interface Described {
  name: string;
  description: string;
  /** Names of its parameters. */
  parameters?: readonly string[];
}

/** From this score on, a tool is called without being told to. */
const CALL_SCORE = 3;
const NAMED_SCORE = 100;
const NAME_WORD = 3;
const DESCRIPTION_WORD = 2;
const PARAMETER_WORD = 1;

/** Verbs and nouns that stand in the descriptions of half of all tools. */
const EMPTY_WORDS = new Set(
  'get fetch find search list show run do look lookup read create make add new tool function api given current return provide data information user value'.split(
    ' ',
  ),
);

interface Fit {
  score: number;
  /** Words of the text that speak for the tool. */
  words: readonly string[];
}

/** How well a tool fits a text: shared words, those of the name counting most; a tool called by its name wins. */
function fitness(tool: Described, text: string): Fit {
  const said = new Set(keywords(text));
  const shared = (words: string): string[] => [...new Set(keywords(words))].filter((word) => said.has(word));
  const score = (words: readonly string[], weight: number): number =>
    words.reduce((sum, word) => sum + (EMPTY_WORDS.has(word) ? 1 : weight), 0);
  const inName = shared(tool.name);
  const inDescription = shared(tool.description);
  const inParameters = shared((tool.parameters ?? []).join(' '));
  const named = tool.name !== '' && new RegExp(String.raw`(?<![\w-])${escape(tool.name)}(?![\w-])`, 'i').test(text);
  return {
    score:
      (named ? NAMED_SCORE : 0) +
      score(inName, NAME_WORD) +
      score(inDescription, DESCRIPTION_WORD) +
      score(inParameters, PARAMETER_WORD),
    words: [...inName, ...inDescription],
  };
}

/**
 * The tools that the text asks for, best first. A second tool is taken only for words of the text that the tools before
 * it do not answer: "the weather in Paris" is one call, "the weather, and the time" are two.
 */
export function fitting<T extends Described>(tools: readonly T[], text: string): T[] {
  const ranked = tools
    .map((tool) => ({ tool, fit: fitness(tool, text) }))
    .filter(({ fit }) => fit.score >= CALL_SCORE)
    .sort((a, b) => b.fit.score - a.fit.score);
  const answered = new Set<string>();
  const chosen: T[] = [];
  for (const { tool, fit } of ranked) {
    const fresh = fit.words.some((word) => !answered.has(word) && !EMPTY_WORDS.has(word));
    if (chosen.length > 0 && !fresh && fit.score < NAMED_SCORE) continue;
    chosen.push(tool);
    for (const word of fit.words) answered.add(word);
  }
  return tools.filter((tool) => chosen.includes(tool));
}

/** The one that fits best, however badly; `undefined` only for an empty list. */
export function bestOf<T extends Described>(tools: readonly T[], text: string): T | undefined {
  return tools.toSorted((a, b) => fitness(b, text).score - fitness(a, text).score)[0];
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\-]/g, '\\$&');
}
