import { syntaxError, tokenize, type Token } from './tokenizer.ts';

/** Walks over the tokens of one query, with the few questions that a recursive-descent parser asks. */
export class TokenReader {
  readonly #tokens: Token[];
  #position = 0;

  constructor(query: string) {
    this.#tokens = tokenize(query);
  }

  /** The token at hand, or one further on. */
  peek(ahead = 0): Token {
    const token = this.#tokens[Math.min(this.#position + ahead, this.#tokens.length - 1)];
    if (!token) throw syntaxError('');
    return token;
  }

  next(): Token {
    const token = this.peek();
    this.#position++;
    return token;
  }

  at(kind: Token['kind'], value?: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === kind && (value === undefined || token.value === value);
  }

  /** Steps over the token if it is this one. */
  take(kind: Token['kind'], value?: string): Token | undefined {
    return this.at(kind, value) ? this.next() : undefined;
  }

  /** Steps over one of these keywords or symbols and says which. */
  takeOneOf<T extends string>(kind: 'keyword' | 'symbol', values: readonly T[]): T | undefined {
    const found = values.find((value) => this.at(kind, value));
    if (found !== undefined) this.next();
    return found;
  }

  /** @throws CosmosError 400 if another token is at hand. */
  expect(kind: Token['kind'], value?: string): Token {
    return this.take(kind, value) ?? this.fail();
  }

  fail(): never {
    throw syntaxError(this.peek().raw);
  }
}
