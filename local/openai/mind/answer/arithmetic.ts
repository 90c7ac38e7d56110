/** A sum found in a text, and what it comes to. */
export interface Sum {
  /** As a programmer would write it: `3 * (4 + 5)`. */
  expression: string;
  result: string;
  /** Set when it was an equation in one unknown. */
  unknown?: string;
}

/** The first equation or expression in the text, worked out; `undefined` when there is none. */
export function workOut(text: string): Sum | undefined {
  return solve(text) ?? evaluate(text);
}

/** How far from an equals sign its sides are looked for. */
const MAX_SIDE_CHARS = 80;

/** Linear equations in one unknown: `3x + 11 = 14`. */
function solve(text: string): Sum | undefined {
  for (let at = text.indexOf('='); at >= 0; at = text.indexOf('=', at + 1)) {
    const left = leadingTerms(tokensOf(text.slice(Math.max(0, at - MAX_SIDE_CHARS), at)).reverse()).reverse();
    const right = leadingTerms(tokensOf(text.slice(at + 1, at + 1 + MAX_SIDE_CHARS)));
    const letters = new Set([...left, ...right].join('').toLowerCase().match(/[a-z]/g) ?? []);
    const [unknown] = letters;
    // "x = 5" is a statement, not a question.
    if (letters.size !== 1 || unknown === undefined || left.length + right.length < 3) continue;
    const l = linear(left.join(''));
    const r = linear(right.join(''));
    const slope = l.slope - r.slope;
    if (slope === 0) continue;
    const expression = `${left.join(' ')} = ${right.join(' ')}`.replace(/(^|= )- /g, '$1-');
    return { expression, unknown, result: show((r.constant - l.constant) / slope) };
  }
  return undefined;
}

function tokensOf(text: string): string[] {
  return text.match(/\d+(?:\.\d+)?(?:\s*\*\s*[a-z]|[a-z])?(?![a-z])|[a-z]+|[-+]|\S/gi) ?? [];
}

/** Terms with plus and minus between them, up to the first token that is neither. */
function leadingTerms(tokens: readonly string[]): string[] {
  const taken: string[] = [];
  for (const token of tokens) {
    const isSign = token === '+' || token === '-';
    const isTerm = /^(?:\d[\d.]*(?:\s*\*?\s*[a-z])?|[a-z])$/i.test(token);
    const wantsTerm = taken.length === 0 || /^[-+]$/.test(taken.at(-1) ?? '');
    if (wantsTerm ? !isTerm && !(isSign && taken.length === 0) : !isSign) break;
    taken.push(token);
  }
  if (taken.at(-1) === '+') taken.pop();
  return taken;
}

function linear(side: string): { slope: number; constant: number } {
  let slope = 0;
  let constant = 0;
  for (const [, sign = '', digits = '', letter] of side.replace(/\s/g, '').matchAll(/([-+]?)([\d.]*)\*?([a-z]?)/gi)) {
    if (digits === '' && !letter) continue;
    const value = Number(`${sign}${digits === '' ? '1' : digits}`);
    if (letter) slope += value;
    else constant += value;
  }
  return { slope, constant };
}

const WORDS: readonly [RegExp, string][] = [
  [/\bsquare root of\s+(\d+(?:\.\d+)?)/gi, '($1 ** 0.5)'],
  [/(\d+(?:\.\d+)?)\s*%\s+of\s+(\d)/gi, '$1 / 100 * $2'],
  [/(\d+(?:\.\d+)?)\s+percent\s+of\s+(\d)/gi, '$1 / 100 * $2'],
  [/(\d)\s+squared\b/gi, '$1 ** 2'],
  [/(\d)\s+to the power of\s+/gi, '$1 ** '],
  [/(\d)\s+[a-z]+\s+(plus|minus|times)\s+/gi, '$1 $2 '],
  [/(\d|\))\s+plus\s+/gi, '$1 + '],
  [/(\d|\))\s+minus\s+/gi, '$1 - '],
  [/(\d|\))\s+(?:times|multiplied by)\s+/gi, '$1 * '],
  [/(\d|\))\s+divided by\s+/gi, '$1 / '],
  [/(\d)\s*[x×]\s*(?=\d)/g, '$1 * '],
  [/÷/g, '/'],
  [/\^/g, '**'],
  [/(\d),(?=\d{3}\b)/g, '$1'],
];

function evaluate(text: string): Sum | undefined {
  const spelled = WORDS.reduce((sofar, [pattern, sign]) => sofar.replace(pattern, sign), text);
  for (const [candidate] of spelled.matchAll(/[-(]{0,8}\d[\d\s.+*/()%-]*[\d)]/g)) {
    // A date (2026-01-31), a version or a phone number (555-1234) is no sum.
    const tight = /^[\d-]+$|^[\d.]+$|^[\d/]+$/.test(candidate) && !/^(?!\d{3}-\d{4}$)\d+[*/+-]\d+$/.test(candidate);
    if (tight || !/\d\s*\)*\s*[-+*/%]/.test(candidate)) continue;
    const value = calculate(candidate);
    if (value !== undefined) {
      return { expression: candidate.trim().replace(/\s+/g, ' '), result: show(value) };
    }
  }
  return undefined;
}

/** Brackets are read by recursion: nobody writes more than this by hand. */
const MAX_EXPRESSION_CHARS = 1_000;

/** The value of an expression written with + - * / % ** and brackets; `undefined` when it is none. */
export function calculate(expression: string): number | undefined {
  if (expression.length > MAX_EXPRESSION_CHARS) return undefined;
  const value = new Reader(expression).whole();
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}

/** At most ten decimals, without trailing zeros. */
function show(value: number): string {
  return String(Math.round(value * 1e10) / 1e10);
}

/** A recursive-descent reader of + - * / % ** and brackets. */
class Reader {
  private readonly tokens: readonly string[];
  private at = 0;

  constructor(text: string) {
    this.tokens = text.match(/\d+(?:\.\d+)?|\*\*|[-+*/%()]/g) ?? [];
  }

  /** The value, or `undefined` when something is left over. */
  whole(): number | undefined {
    const value = this.sum();
    return this.at === this.tokens.length ? value : undefined;
  }

  private sum(): number {
    let value = this.product();
    for (;;) {
      if (this.take('+')) value += this.product();
      else if (this.take('-')) value -= this.product();
      else return value;
    }
  }

  private product(): number {
    let value = this.power();
    for (;;) {
      if (this.take('*')) value *= this.power();
      else if (this.take('/')) value /= this.power();
      else if (this.take('%')) value %= this.power();
      else return value;
    }
  }

  private power(): number {
    if (this.take('-')) return -this.power();
    const base = this.atom();
    return this.take('**') ? base ** this.power() : base;
  }

  private atom(): number {
    if (this.take('(')) {
      const value = this.sum();
      return this.take(')') ? value : NaN;
    }
    return Number(this.tokens[this.at++] ?? NaN);
  }

  private take(token: string): boolean {
    if (this.tokens[this.at] !== token) return false;
    this.at++;
    return true;
  }
}
