import { parseSubquery } from './select-parser.ts';
import type { Arithmetic, Comparison, Expression } from './syntax.ts';
import type { TokenReader } from './token-reader.ts';

/** Recursive descent, one function for each level of precedence, the loosest first. */
export function parseExpression(reader: TokenReader): Expression {
  const condition = parseCoalesce(reader);
  if (!reader.take('symbol', '?')) return condition;
  const yes = parseExpression(reader);
  reader.expect('symbol', ':');
  return { kind: 'choose', condition, yes, no: parseExpression(reader) };
}

/** Comma-separated expressions, at least one. */
export function parseExpressions(reader: TokenReader): Expression[] {
  const list = [parseExpression(reader)];
  while (reader.take('symbol', ',')) list.push(parseExpression(reader));
  return list;
}

function parseCoalesce(reader: TokenReader): Expression {
  let left = parseOr(reader);
  while (reader.take('symbol', '??')) left = { kind: 'coalesce', left, right: parseOr(reader) };
  return left;
}

function parseOr(reader: TokenReader): Expression {
  let left = parseAnd(reader);
  while (reader.take('keyword', 'OR')) left = { kind: 'or', left, right: parseAnd(reader) };
  return left;
}

function parseAnd(reader: TokenReader): Expression {
  let left = parseNot(reader);
  while (reader.take('keyword', 'AND')) left = { kind: 'and', left, right: parseNot(reader) };
  return left;
}

function parseNot(reader: TokenReader): Expression {
  return reader.take('keyword', 'NOT') ? { kind: 'not', operand: parseNot(reader) } : parsePredicate(reader);
}

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  '=': '=',
  '!=': '!=',
  '<>': '!=',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
};

function parsePredicate(reader: TokenReader): Expression {
  let left = parseOperators(reader, LEVELS.length - 1);
  for (;;) {
    const symbol = reader.takeOneOf('symbol', Object.keys(COMPARISONS));
    const operator = symbol === undefined ? undefined : COMPARISONS[symbol];
    if (operator) {
      left = { kind: 'compare', operator, left, right: parseOperators(reader, LEVELS.length - 1) };
      continue;
    }
    const negated = reader.at('keyword', 'NOT');
    const word = reader.peek(negated ? 1 : 0);
    if (word.kind !== 'keyword' || !['IN', 'BETWEEN', 'LIKE'].includes(word.value)) return left;
    if (negated) reader.next();
    const test = parseTest(reader, left);
    left = negated ? { kind: 'not', operand: test } : test;
  }
}

function parseTest(reader: TokenReader, operand: Expression): Expression {
  const top = LEVELS.length - 1;
  if (reader.take('keyword', 'IN')) {
    reader.expect('symbol', '(');
    const list = parseExpressions(reader);
    reader.expect('symbol', ')');
    return { kind: 'in', operand, list };
  }
  if (reader.take('keyword', 'BETWEEN')) {
    const low = parseOperators(reader, top);
    reader.expect('keyword', 'AND');
    return { kind: 'between', operand, low, high: parseOperators(reader, top) };
  }
  reader.expect('keyword', 'LIKE');
  const pattern = parseOperators(reader, top);
  const escape = reader.take('keyword', 'ESCAPE') ? parsePrimary(reader) : undefined;
  return { kind: 'like', operand, pattern, escape };
}

/** Binary operators from the tightest level to the loosest. */
const LEVELS: readonly (readonly (Arithmetic | '||')[])[] = [
  ['*', '/', '%'],
  ['+', '-', '||'],
  ['>>>', '<<', '>>'],
  ['&'],
  ['^'],
  ['|'],
];

function parseOperators(reader: TokenReader, level: number): Expression {
  const operators = LEVELS[level];
  if (!operators) return parseUnary(reader);
  let left = parseOperators(reader, level - 1);
  for (;;) {
    const operator = reader.takeOneOf('symbol', operators);
    if (operator === undefined) return left;
    const right = parseOperators(reader, level - 1);
    left = operator === '||' ? { kind: 'concatenate', left, right } : { kind: 'arithmetic', operator, left, right };
  }
}

function parseUnary(reader: TokenReader): Expression {
  if (reader.take('symbol', '-')) return { kind: 'negate', operand: parseUnary(reader) };
  if (reader.take('symbol', '+')) return { kind: 'plus', operand: parseUnary(reader) };
  if (reader.take('symbol', '~')) return { kind: 'complement', operand: parseUnary(reader) };
  return parsePostfix(reader);
}

/** A primary expression and the properties asked of it: `c.tags[0]`, `c["order"]`. */
export function parsePostfix(reader: TokenReader): Expression {
  let object = parsePrimary(reader);
  for (;;) {
    if (reader.take('symbol', '.')) {
      object = { kind: 'member', object, key: { kind: 'constant', value: reader.expect('name').value } };
    } else if (reader.take('symbol', '[')) {
      object = { kind: 'member', object, key: parseExpression(reader) };
      reader.expect('symbol', ']');
    } else {
      return object;
    }
  }
}

function parsePrimary(reader: TokenReader): Expression {
  const token = reader.peek();
  switch (token.kind) {
    case 'number':
      reader.next();
      return { kind: 'constant', value: Number(token.value) };
    case 'text':
      reader.next();
      return { kind: 'constant', value: token.value };
    case 'parameter':
      reader.next();
      return { kind: 'parameter', name: token.value };
    case 'name':
      reader.next();
      return reader.at('symbol', '(')
        ? { kind: 'call', name: token.value.toUpperCase(), args: parseArguments(reader) }
        : { kind: 'name', name: token.value };
    case 'keyword':
      return parseKeyword(reader);
    default:
      return parseBracketed(reader);
  }
}

const CONSTANTS: Readonly<Record<string, boolean | null | undefined>> = {
  NULL: null,
  UNDEFINED: undefined,
  TRUE: true,
  FALSE: false,
};

function parseKeyword(reader: TokenReader): Expression {
  const word = reader.next().value;
  if (word in CONSTANTS) return { kind: 'constant', value: CONSTANTS[word] };
  if (word === 'EXISTS') return { kind: 'exists', query: parseSubquery(reader) };
  if (word === 'ARRAY') return { kind: 'collect', query: parseSubquery(reader) };
  if (word === 'UDF') {
    reader.expect('symbol', '.');
    return { kind: 'user-call', name: reader.expect('name').value, args: parseArguments(reader) };
  }
  return reader.fail();
}

function parseBracketed(reader: TokenReader): Expression {
  if (reader.at('symbol', '(')) {
    if (reader.at('keyword', 'SELECT', 1)) return { kind: 'scalar', query: parseSubquery(reader) };
    reader.next();
    const inner = parseExpression(reader);
    reader.expect('symbol', ')');
    return inner;
  }
  if (reader.take('symbol', '[')) {
    const items = reader.at('symbol', ']') ? [] : parseExpressions(reader);
    reader.expect('symbol', ']');
    return { kind: 'array', items };
  }
  if (reader.take('symbol', '{')) return { kind: 'object', fields: parseFields(reader) };
  return reader.fail();
}

function parseFields(reader: TokenReader): { name: string; value: Expression }[] {
  const fields: { name: string; value: Expression }[] = [];
  if (!reader.at('symbol', '}')) {
    do {
      const name = (reader.take('text') ?? reader.expect('name')).value;
      reader.expect('symbol', ':');
      fields.push({ name, value: parseExpression(reader) });
    } while (reader.take('symbol', ','));
  }
  reader.expect('symbol', '}');
  return fields;
}

function parseArguments(reader: TokenReader): Expression[] {
  reader.expect('symbol', '(');
  const args = reader.at('symbol', ')') ? [] : parseExpressions(reader);
  reader.expect('symbol', ')');
  return args;
}
