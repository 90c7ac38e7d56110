/** The little that the simulator knows by itself: enough for the examples of Microsoft's page and for first tries. */
interface Entry {
  pattern: RegExp;
  says: string;
  /** The same for a beginner. */
  simply: string;
}

const ENTRIES: readonly Entry[] = [
  {
    pattern: /catastrophic forgetting/i,
    says: 'Catastrophic forgetting is the tendency of a neural network to lose what it had learned earlier when it is trained on something new, because the same weights are overwritten.',
    simply:
      'Catastrophic forgetting, in simple words: imagine that studying for a chemistry exam erased your French. A neural network that learns a new task can overwrite the very weights that held an old one.',
  },
  {
    pattern: /\bresponses api\b/i,
    says: 'The Azure OpenAI Responses API is a stateful interface that joins chat, tools and multi-turn state in one call.',
    simply:
      'The Responses API, in simple words: you send a message, the service keeps the conversation, and you only send what is new.',
  },
  {
    pattern: /model context protocol|\bMCP\b/,
    says: 'The Model Context Protocol (MCP) is an open standard by which applications give tools and context to language models; its 2025-03-26 version names two transports, stdio and Streamable HTTP.',
    simply: 'MCP, in simple words: one kind of plug by which any model can use any tool.',
  },
  {
    pattern: /nucleus sampling|\btop.?p\b/i,
    says: 'Nucleus sampling draws the next token from the smallest set of tokens whose probabilities add up to p.',
    simply: 'Nucleus sampling, in simple words: ignore the unlikely words, and draw lots among the rest.',
  },
];

/** Capital, and area in square kilometres. */
const COUNTRIES: Readonly<Record<string, { capital: string; area: string }>> = {
  France: { capital: 'Paris', area: '551,695' },
  Germany: { capital: 'Berlin', area: '357,592' },
  Italy: { capital: 'Rome', area: '302,073' },
  Spain: { capital: 'Madrid', area: '505,990' },
  Portugal: { capital: 'Lisbon', area: '92,212' },
  Norway: { capital: 'Oslo', area: '385,207' },
  Sweden: { capital: 'Stockholm', area: '450,295' },
  Poland: { capital: 'Warsaw', area: '312,696' },
  Austria: { capital: 'Vienna', area: '83,879' },
  Switzerland: { capital: 'Bern', area: '41,285' },
  Japan: { capital: 'Tokyo', area: '377,975' },
  Canada: { capital: 'Ottawa', area: '9,984,670' },
  Brazil: { capital: 'Brasília', area: '8,515,767' },
  Australia: { capital: 'Canberra', area: '7,688,287' },
};

/** An answer from the small store, or nothing. `earlier` are the requests before, newest last: what "it" may mean. */
export function know(sentence: string, earlier: readonly string[]): string | undefined {
  const own = ENTRIES.find(({ pattern }) => pattern.test(sentence));
  if (own && !/^\s*(?:remember|my)\b/i.test(sentence)) return wantsSimple(sentence) ? own.simply : own.says;
  const country = aboutCountry(sentence, earlier);
  if (country) return country;
  if (!refersBack(sentence)) return undefined;
  const meant = ENTRIES.findLast(({ pattern }) => earlier.some((text) => pattern.test(text)));
  return meant && (wantsSimple(sentence) ? meant.simply : meant.says);
}

function wantsSimple(sentence: string): boolean {
  return /\b(?:simpl\w+|freshman|beginner|child|year[- ]old|layman|student|easy|plain)\b/i.test(sentence);
}

/** True for a sentence that makes sense only with an earlier one: "Explain it to a child." */
export function refersBack(sentence: string): boolean {
  return /\b(?:it|this|that|them|more|again|shorter|longer|simpler|continue|go on|elaborate|rephrase)\b/i.test(
    sentence,
  );
}

function aboutCountry(sentence: string, earlier: readonly string[]): string | undefined {
  const capital = /\bcapital\b/i.test(sentence);
  const size = /\b(?:size|area|how (?:big|large))\b/i.test(sentence);
  if (!capital && !size) return undefined;
  const names = Object.keys(COUNTRIES);
  const inText = (text: string): string | undefined =>
    names.find((name) => new RegExp(`\\b${name}\\b`, 'i').test(text));
  const name = inText(sentence) ?? earlier.map(inText).findLast((found) => found !== undefined);
  const country = name === undefined ? undefined : COUNTRIES[name];
  if (name === undefined || !country) return undefined;
  return capital
    ? `The capital of ${name} is ${country.capital}.`
    : `${name} covers about ${country.area} square kilometres.`;
}
