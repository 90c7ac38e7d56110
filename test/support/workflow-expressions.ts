/** The expressions of Logic Apps' workflow language, as far as the pages use them: calls, text, numbers, steps into values. */

/** What expressions can see. */
export interface Sight {
  parameters: Record<string, unknown>;
  trigger: unknown;
  runName: string;
  /** Of the actions that have run. */
  bodies: Record<string, unknown>;
}

/** A value of a definition with everything in it evaluated: `@call(...)` as it is, `text @{call(...)}` as text. */
export function evaluate(value: unknown, sight: Sight): unknown {
  if (Array.isArray(value)) return value.map((each) => evaluate(each, sight));
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, evaluate(each, sight)]));
  }
  if (typeof value !== 'string') return value;
  if (/^@[a-z]/i.test(value)) return new Expression(value.slice(1), sight).whole();
  return value.replace(/@\{([^}]+)\}/g, (_, inner: string) => textOf(new Expression(inner, sight).whole()));
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value ?? ''));

const FUNCTIONS: Record<string, (sight: Sight, values: unknown[]) => unknown> = {
  parameters: ({ parameters }, [name]) => known(parameters, name, 'parameter'),
  triggerBody: ({ trigger }) => trigger,
  body: ({ bodies }, [name]) => known(bodies, name, 'action that has run'),
  workflow: ({ runName }) => ({ run: { name: runName } }),
  encodeURIComponent: (_, [text]) => encodeURIComponent(textOf(text)),
  coalesce: (_, values) => values.find((value) => value != null),
  createArray: (_, values) => values,
  contains: (_, [list, value]) => Array.isArray(list) && list.includes(value),
  equals: (_, [one, other]) => one === other,
};

function known(values: Record<string, unknown>, name: unknown, what: string): unknown {
  if (typeof name !== 'string' || !(name in values)) throw new Error(`There is no ${what} '${String(name)}'.`);
  return values[name];
}

class Expression {
  readonly #text: string;
  readonly #sight: Sight;
  #at = 0;

  constructor(text: string, sight: Sight) {
    this.#text = text;
    this.#sight = sight;
  }

  whole(): unknown {
    const value = this.#value();
    if (this.#at !== this.#text.length) throw this.#wrong();
    return value;
  }

  #value(): unknown {
    const literal = this.#take(/'([^']*)'/y) ?? undefined;
    if (literal !== undefined) return literal;
    const digits = this.#take(/(\d+)/y);
    if (digits !== undefined) return Number(digits);
    const name = this.#take(/(\w+)\(/y);
    const call = name === undefined ? undefined : FUNCTIONS[name];
    if (call === undefined) throw this.#wrong();
    const values: unknown[] = [];
    while (this.#take(/(\))/y) === undefined) {
      values.push(this.#value());
      this.#take(/(,\s*)/y);
    }
    return this.#steps(call(this.#sight, values));
  }

  /** `['name']`, `[0]`; with a question mark in front nothing is found in nothing, without it that is an error. */
  #steps(from: unknown): unknown {
    let value = from;
    for (;;) {
      const step = this.#take(/(\??\[)/y);
      if (step === undefined) return value;
      const key = this.#value();
      if (this.#take(/(\])/y) === undefined) throw this.#wrong();
      if (value == null && step === '[') throw new Error(`Nothing has no '${String(key)}': ${this.#text}`);
      value = value == null ? undefined : Reflect.get(Object(value), typeof key === 'number' ? key : String(key));
    }
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) return undefined;
    this.#at += match[0].length;
    return match[1];
  }

  #wrong(): Error {
    return new Error(`This is not played here: ${this.#text.slice(this.#at)} (in ${this.#text})`);
  }
}
