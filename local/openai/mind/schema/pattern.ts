/**
 * A text that matches a regular expression of the kind that JSON schemas hold: literals, classes, groups, alternatives,
 * quantifiers. `undefined` when the expression uses more (look-around, back references) and the guess does not match.
 */
export function sampleOf(pattern: string): string | undefined {
  const sample = new Sampler(pattern).alternatives();
  return matches(pattern, sample) ? sample : undefined;
}

/** True when the text fits, and also when the expression itself is not understood. */
export function matches(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(text);
  } catch {
    // Patterns that need the older, looser syntax.
    return new RegExp(pattern).test(text);
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  d: '1',
  w: 'a',
  s: ' ',
  D: 'a',
  W: '-',
  S: 'a',
  n: '\n',
  t: '\t',
  b: '',
  B: '',
};

class Sampler {
  private readonly pattern: string;
  private at = 0;

  constructor(pattern: string) {
    this.pattern = pattern;
  }

  /** Takes the first alternative and skips the others. */
  alternatives(): string {
    const first = this.sequence();
    while (this.pattern[this.at] === '|') {
      this.at++;
      this.sequence();
    }
    return first;
  }

  private sequence(): string {
    let text = '';
    while (this.at < this.pattern.length && this.pattern[this.at] !== '|' && this.pattern[this.at] !== ')') {
      const unit = this.unit();
      text += unit.repeat(this.repetitions());
    }
    return text;
  }

  private unit(): string {
    const sign = this.pattern[this.at++] ?? '';
    switch (sign) {
      case '^':
      case '$':
        return '';
      case '.':
        return 'a';
      case '\\':
        return this.escaped();
      case '[':
        return this.fromClass();
      case '(':
        return this.group();
      default:
        return sign;
    }
  }

  private escaped(): string {
    const sign = this.pattern[this.at++] ?? '';
    if ((sign === 'p' || sign === 'P') && this.pattern[this.at] === '{') {
      const end = this.pattern.indexOf('}', this.at);
      const name = this.pattern.slice(this.at + 1, end);
      this.at = end + 1;
      return name.startsWith('N') ? '1' : name === 'Lu' ? 'A' : 'a';
    }
    return ESCAPES[sign] ?? sign;
  }

  private group(): string {
    const kind = /^\?(?::|<?[=!]|<[^>]+>)/.exec(this.pattern.slice(this.at))?.[0] ?? '';
    this.at += kind.length;
    const text = this.alternatives();
    this.at++;
    return /[=!]$/.test(kind) ? '' : text;
  }

  private fromClass(): string {
    const negated = this.pattern[this.at] === '^';
    const start = this.at;
    if (negated) this.at++;
    let first: string | undefined;
    while (this.at < this.pattern.length && this.pattern[this.at] !== ']') {
      const sign = this.pattern[this.at++] ?? '';
      const member = sign === '\\' ? this.escaped() : sign;
      first ??= member;
    }
    this.at++;
    if (!negated) return first ?? '';
    const whole = new RegExp(this.pattern.slice(start - 1, this.at));
    return ['a', '1', '-', ' '].find((sign) => whole.test(sign)) ?? '~';
  }

  /** How often the unit before is repeated: the least that is allowed, and once where once is possible. */
  private repetitions(): number {
    const quantifier = /^(?:([*+?])|\{(\d+)(,(\d*))?\})\??/.exec(this.pattern.slice(this.at));
    if (!quantifier) return 1;
    this.at += quantifier[0].length;
    if (quantifier[1] !== undefined) return quantifier[1] === '+' ? 1 : 0;
    return Number(quantifier[2]);
  }
}
