/** Words that say nothing about the matter. */
const STOP_WORDS = new Set(
  (
    'a an the this that these those is are was were be been am do does did done have has had i you he she it we they me my ' +
    'your his her its our their of in on at to for from by with about as into and or but not no if then than so can could ' +
    'will would shall should may might must please what which who whom whose when where why how tell give show get got set ' +
    'make made let using use used call called need want like any all some each every there here now just also there very ' +
    'page pdf document file'
  ).split(' '),
);

/** Lower case, without plural or verb endings: enough to see that "charts" and "chart" are one. */
export function stem(word: string): string {
  const lower = word.toLowerCase();
  if (lower.length > 5 && lower.endsWith('ies')) return `${lower.slice(0, -3)}y`;
  if (lower.length > 6 && lower.endsWith('ing')) return lower.slice(0, -3);
  if (lower.length > 5 && lower.endsWith('ed')) return lower.slice(0, -2);
  if (lower.length > 4 && /[^su]s$/.test(lower)) return lower.slice(0, -1);
  return lower;
}

/** The words of a text, camelCase and snake_case taken apart, stemmed, stop words left out. */
export function keywords(text: string): string[] {
  const words = text.replace(/([a-z\d])([A-Z])/g, '$1 $2').match(/[\p{L}\d]+/gu) ?? [];
  return words.filter((word) => !STOP_WORDS.has(word.toLowerCase())).map(stem);
}

/** Sentences with their end marks; a line break ends one too. A dot inside a number or an initial does not. */
export function sentencesOf(text: string): string[] {
  return text
    .split(/\n+|(?<=[.!?。]["”']?)\s+(?=[\p{Lu}\d"“'])/u)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== '');
}

/** At most `limit` characters, cut at a word, with an ellipsis when something is missing. */
export function shorten(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const cut = text.slice(0, limit);
  const space = cut.lastIndexOf(' ');
  return `${(space > limit / 2 ? cut.slice(0, space) : cut).trimEnd()}…`;
}

const NUMBER_WORDS = 'zero one two three four five six seven eight nine ten eleven twelve'.split(' ');

/** "3" and "three" are 3. */
export function numberFrom(word: string): number | undefined {
  if (/^\d+$/.test(word)) return Number(word);
  const index = NUMBER_WORDS.indexOf(word.toLowerCase());
  return index < 0 ? undefined : index;
}

/** "a, b and c". */
export function listWords(words: readonly string[]): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
}

export function capitalize(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
