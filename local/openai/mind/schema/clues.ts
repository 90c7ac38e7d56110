import { keywords, stem } from '../words.ts';

/** A number with the words around it: "for 3 days" is near "day". */
interface NumberClue {
  value: number;
  near: readonly string[];
}

const MONTHS = 'January|February|March|April|May|June|July|August|September|October|November|December';
const WEEKDAYS = 'Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday';

/** Words that begin a sentence with a capital and name nobody. */
const NO_NAMES = new RegExp(
  `^(?:I|What|Whats|Which|Who|Where|When|Why|How|Is|Are|Was|Do|Does|Did|Can|Could|Will|Would|The|This|That|These|A|An|And|Or|Please|Tell|Give|Send|Create|Make|Get|Show|Find|Search|Look|Call|Write|Add|Book|Set|Use|Using|In|On|At|For|To|From|My|Our|Your|He|She|It|We|They|You|If|Extract|Return|Answer|Summarize|Summarise|Describe|Explain|Calculate|Compute|Solve|Schedule|Remember|Delete|Remove|Open|Read|Run|Start|Stop|Cancel|Update|Check|List|Draw|Generate|Convert|Translate|Weather|Email|JSON|${MONTHS}|${WEEKDAYS})$`,
);
const STATE_OR_COUNTRY = /^(?:[A-Z]{2}|USA|UK|France|Germany|Italy|Spain|England|Texas|California|Japan|Canada)$/;

/** How much of a text is searched, and how much of it for things counted up. */
const MAX_CLUE_CHARS = 200_000;
const MAX_LIST_CHARS = 2_000;

/** What a text offers to fill a form with. */
export class Clues {
  readonly text: string;
  /** Title of the document that the text comes from. */
  readonly title: string | undefined;
  private readonly numbers: readonly NumberClue[];
  private used = new Set<NumberClue>();

  constructor(text: string, title?: string) {
    this.text = text.slice(0, MAX_CLUE_CHARS);
    this.title = title;
    this.numbers = numbersIn(this.text);
  }

  /** "Name: Ada", "the name is Ada", "name = Ada", `name "Ada"`: the value after the label. */
  labelled(label: string): string | undefined {
    const words = label
      .replace(/([a-z\d])([A-Z])/g, '$1 $2')
      .split(/[\s_.-]+/)
      .filter((word) => word !== '');
    const spelled = words.map((word) => word.replace(/[^\p{L}\d]/gu, '')).join(String.raw`[\s_.-]*`);
    if (spelled === '') return undefined;
    const pattern = new RegExp(
      String.raw`(?<![\p{L}\d])${spelled}(?:\s*[:=]\s*|\s+(?:is|are|was)\s+|\s+(?=["“]))(?:["“]([^"”]+)["”]|([^\n,;]+))`,
      'iu',
    );
    const match = pattern.exec(this.text);
    const value =
      match?.[1] ?? match?.[2]?.replace(/\s+and\s+(?:my|the|his|her)\b.*$/i, '').replace(/[.!?](?:\s.*)?$/s, '');
    return value?.trim() || undefined;
  }

  /** A number that stands next to one of the words; it is used up. */
  numberNear(words: readonly string[]): number | undefined {
    return this.use(
      this.numbers.find((clue) => !this.used.has(clue) && clue.near.some((word) => words.includes(word))),
    );
  }

  /** The next number that nothing has used. */
  nextNumber(): number | undefined {
    return this.use(this.numbers.find((clue) => !this.used.has(clue)));
  }

  allNumbers(): number[] {
    return this.numbers.map((clue) => clue.value);
  }

  quoted(): string[] {
    return [...this.text.matchAll(/["“]([^"”\n]+)["”]/g)].map((match) => match[1] ?? '');
  }

  /** Names of people and things: runs of words in capitals. */
  names(): string[] {
    const runs = this.text.match(/\p{Lu}[\p{L}'’-]*(?:\s+\p{Lu}[\p{L}'’-]*)*/gu) ?? [];
    const names = runs.map((run) => dropStarters(run)).filter((name) => name !== '');
    return [...new Set(names)];
  }

  /** Places: names after "in", "at", "for", "near", "from" or "to"; lower-case ones too, when nothing else is there. */
  places(): string[] {
    const named =
      /\b(?:in|at|for|near|of|from|to)\s+(\p{Lu}[\p{L}'’.-]*(?:(?:,?\s+and\s+(?:in\s+|at\s+|for\s+)?|,\s*|\s+)\p{Lu}[\p{L}'’-]*)*)/u.exec(
        this.text,
      )?.[1];
    if (named) return splitPlaces(named);
    const plain = /\b(?:in|at|near|for)\s+((?!the\b|a\b|an\b|my\b|this\b|that\b)[\p{L}'’ -]{2,40})/u.exec(
      this.text,
    )?.[1];
    const place = plain
      ?.replace(/\s+(?:today|tomorrow|tonight|now|right now|please|like|this|next|on|at)\b.*$/i, '')
      .trim();
    return place ? [place] : [];
  }

  /** An ISO date, a written one or a weekday, as it stands. */
  date(): { iso: string | undefined; spoken: string } | undefined {
    const iso = /\b\d{4}-\d{2}-\d{2}\b/.exec(this.text)?.[0];
    if (iso) return { iso, spoken: iso };
    const written = new RegExp(
      String.raw`\b(?:(${MONTHS})\s+(\d{1,2})(?:st|nd|rd|th)?|(\d{1,2})\.?\s+(${MONTHS}))(?:,?\s+(\d{4}))?\b`,
      'i',
    ).exec(this.text);
    if (written) return { iso: isoOf(written), spoken: written[0] };
    const day = new RegExp(
      String.raw`\b(?:(?:next|this)\s+)?(?:${WEEKDAYS})\b|\b(?:today|tomorrow|tonight|yesterday)\b`,
      'i',
    ).exec(this.text)?.[0];
    return day === undefined ? undefined : { iso: undefined, spoken: day };
  }

  find(pattern: RegExp): string | undefined {
    return pattern.exec(this.text)?.[0];
  }

  /** Things counted up: "apples, pears and plums". */
  enumerated(): string[] {
    const text = afterColon(this.text).slice(0, MAX_LIST_CHARS);
    const sentence = text.split(/[.!?\n]/).find((part) => /\s(?:and|or)\s/.test(part));
    const match = /^(.*?)\s(?:and|or)\s+(\S+)/.exec(sentence ?? '');
    if (!match) return [];
    const [first = '', ...rest] = (match[1] ?? '').split(',').map((part) => part.trim());
    // The first one drags the words before the list along: only its last word belongs to it.
    return [first.split(' ').at(-1) ?? '', ...rest, (match[2] ?? '').replace(/[,;:]$/, '')].filter(
      (part) => part !== '',
    );
  }

  private use(clue: NumberClue | undefined): number | undefined {
    if (clue) this.used.add(clue);
    return clue?.value;
  }
}

function afterColon(text: string): string {
  const colon = text.indexOf(': ');
  return colon < 0 ? text : text.slice(colon + 2);
}

function numbersIn(text: string): NumberClue[] {
  return [...text.matchAll(/(?<![\w.-])[-+]?\d[\d,]*(?:\.\d+)?(?!\w{0,20}-\d)/g)].map((match) => ({
    value: Number(match[0].replace(/,/g, '')),
    near: [
      ...keywords(text.slice(Math.max(0, match.index - 40), match.index)).slice(-2),
      ...keywords(text.slice(match.index + match[0].length, match.index + match[0].length + 30)).slice(0, 1),
    ].map(stem),
  }));
}

function dropStarters(run: string): string {
  const words = run.split(/\s+/);
  while (words[0] !== undefined && NO_NAMES.test(words[0].replace(/['’]s?$/, ''))) words.shift();
  return words.join(' ').replace(/['’]s$/, '');
}

function splitPlaces(list: string): string[] {
  const places: string[] = [];
  for (const part of list.split(/,?\s+and\s+(?:in\s+|at\s+|for\s+)?|,\s*/)) {
    const name = part.trim().replace(/[.]$/, '');
    if (STATE_OR_COUNTRY.test(name) && places.length > 0) places.push(`${places.pop() ?? ''}, ${name}`);
    else if (name !== '') places.push(name);
  }
  return places;
}

function isoOf(written: RegExpExecArray): string | undefined {
  const [, monthFirst, dayAfter, dayFirst, monthAfter, year] = written;
  if (year === undefined) return undefined;
  const names = MONTHS.toLowerCase().split('|');
  const month = names.indexOf((monthFirst ?? monthAfter ?? '').toLowerCase()) + 1;
  const day = dayAfter ?? dayFirst ?? '1';
  return `${year}-${String(month).padStart(2, '0')}-${day.padStart(2, '0')}`;
}
