import { badRequest, type CosmosError } from '../errors.ts';

export interface Token {
  kind: 'text' | 'number' | 'parameter' | 'name' | 'keyword' | 'symbol' | 'end';
  /** The value of a text (unescaped), the upper-case word of a keyword, else the token as written. */
  value: string;
  /** As written, for names that look like keywords and for messages. */
  raw: string;
}

/** Words that cannot be a bare name or property: `c.order` is an error in Azure too, `c["order"]` is not. */
const KEYWORDS = new Set(
  (
    'AND ARRAY AS ASC BETWEEN BY DESC DISTINCT ESCAPE EXISTS FALSE FROM GROUP HAVING IN JOIN LIKE LIMIT NOT NULL ' +
    'OFFSET OR ORDER SELECT TOP TRUE UDF UNDEFINED VALUE WHERE'
  ).split(' '),
);

const TOKEN = new RegExp(
  [
    String.raw`(?<space>\s+|--[^\n]*)`,
    String.raw`(?<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')`,
    String.raw`(?<number>0[xX][0-9a-fA-F]+|(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)`,
    String.raw`(?<parameter>@[A-Za-z_]\w*)`,
    String.raw`(?<name>[A-Za-z_]\w*)`,
    String.raw`(?<symbol>>>>|\?\?|<=|>=|<>|!=|<<|>>|\|\||[-+*/%=<>(),.[\]{}:?&|^~])`,
  ].join('|'),
  'y',
);

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' };

export function syntaxError(near: string): CosmosError {
  return badRequest(`Syntax error, incorrect syntax near '${near}'.`);
}

/** Cuts a query into tokens; the last one is always `end`. @throws CosmosError 400 at a character that fits nowhere. */
export function tokenize(query: string): Token[] {
  const tokens: Token[] = [];
  const pattern = new RegExp(TOKEN);
  while (pattern.lastIndex < query.length) {
    const start = pattern.lastIndex;
    const groups = pattern.exec(query)?.groups;
    if (!groups) throw syntaxError(query.slice(start, start + 10));
    const token = toToken(groups);
    if (token) tokens.push(token);
  }
  tokens.push({ kind: 'end', value: '', raw: 'end of query' });
  return tokens;
}

function toToken(groups: Readonly<Record<string, string | undefined>>): Token | undefined {
  const { text, number, parameter, name, symbol } = groups;
  if (text !== undefined) return { kind: 'text', value: unescapeText(text.slice(1, -1)), raw: text };
  if (number !== undefined) return { kind: 'number', value: number, raw: number };
  if (parameter !== undefined) return { kind: 'parameter', value: parameter, raw: parameter };
  if (symbol !== undefined) return { kind: 'symbol', value: symbol, raw: symbol };
  if (name === undefined) return undefined;
  const word = name.toUpperCase();
  return KEYWORDS.has(word) ? { kind: 'keyword', value: word, raw: name } : { kind: 'name', value: name, raw: name };
}

function unescapeText(body: string): string {
  return body.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/gs, (_all, code: string | undefined, letter: string | undefined) =>
    code === undefined ? (ESCAPES[letter ?? ''] ?? letter ?? '') : String.fromCharCode(Number.parseInt(code, 16)),
  );
}
