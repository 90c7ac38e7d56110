import { badRequest } from '../errors.ts';
import { MAX_QUERY_BYTES } from '../limits.ts';
import { parseExpression, parseExpressions, parsePostfix } from './expression-parser.ts';
import type { Expression, OrderTerm, Projected, Projection, Select, Source } from './syntax.ts';
import { TokenReader } from './token-reader.ts';

/** Parses the text of a query. @throws CosmosError 400 with the place of the first error. */
export function parseQuery(query: string): Select {
  if (Buffer.byteLength(query) > MAX_QUERY_BYTES) {
    throw badRequest(`The SQL query text exceeded the maximum limit of ${MAX_QUERY_BYTES} bytes.`);
  }
  const reader = new TokenReader(query);
  const select = parseSelect(reader);
  if (!reader.at('end')) reader.fail();
  return select;
}

/** A query in round brackets. */
export function parseSubquery(reader: TokenReader): Select {
  reader.expect('symbol', '(');
  const select = parseSelect(reader);
  reader.expect('symbol', ')');
  return select;
}

function parseSelect(reader: TokenReader): Select {
  reader.expect('keyword', 'SELECT');
  const distinct = reader.take('keyword', 'DISTINCT') !== undefined;
  const top = reader.take('keyword', 'TOP') ? parseCount(reader) : undefined;
  const projection = parseProjection(reader);
  const { from, joins } = parseSources(reader);
  const where = reader.take('keyword', 'WHERE') ? parseExpression(reader) : undefined;
  const groupBy = takeWords(reader, 'GROUP', 'BY') ? parseExpressions(reader) : [];
  const orderBy = takeWords(reader, 'ORDER', 'BY') ? parseOrder(reader) : [];
  let offset: Expression | undefined;
  let limit: Expression | undefined;
  if (reader.take('keyword', 'OFFSET')) {
    offset = parseCount(reader);
    reader.expect('keyword', 'LIMIT');
    limit = parseCount(reader);
  }
  return { distinct, top, projection, from, joins, where, groupBy, orderBy, offset, limit };
}

function takeWords(reader: TokenReader, first: string, second: string): boolean {
  if (!reader.take('keyword', first)) return false;
  reader.expect('keyword', second);
  return true;
}

/** TOP, OFFSET and LIMIT take a number or a parameter. */
function parseCount(reader: TokenReader): Expression {
  const number = reader.take('number');
  if (number) return { kind: 'constant', value: Number(number.value) };
  return { kind: 'parameter', name: reader.expect('parameter').value };
}

function parseProjection(reader: TokenReader): Projection {
  if (reader.take('symbol', '*')) return { kind: 'star' };
  if (reader.take('keyword', 'VALUE')) return { kind: 'value', expression: parseExpression(reader) };
  const items: Projected[] = [];
  do {
    const expression = parseExpression(reader);
    items.push({ expression, alias: parseAlias(reader) ?? nameOf(expression) });
  } while (reader.take('symbol', ','));
  return { kind: 'list', items };
}

function parseAlias(reader: TokenReader): string | undefined {
  if (reader.take('keyword', 'AS')) return reader.expect('name').value;
  return reader.take('name')?.value;
}

/** The name that a projected path gives its value: the last property. */
function nameOf(expression: Expression): string | undefined {
  if (expression.kind === 'name') return expression.name;
  if (expression.kind !== 'member' || expression.key.kind !== 'constant') return undefined;
  return typeof expression.key.value === 'string' ? expression.key.value : undefined;
}

function parseSources(reader: TokenReader): { from: Source | undefined; joins: Source[] } {
  if (!reader.take('keyword', 'FROM')) return { from: undefined, joins: [] };
  const from = parseSource(reader);
  const joins: Source[] = [];
  while (reader.take('keyword', 'JOIN')) joins.push(parseSource(reader));
  return { from, joins };
}

function parseSource(reader: TokenReader): Source {
  if (reader.at('symbol', '(')) {
    const query = parseSubquery(reader);
    return { kind: 'subquery', alias: parseAlias(reader) ?? reader.fail(), query };
  }
  if (reader.at('keyword', 'IN', 1)) {
    const alias = reader.expect('name').value;
    reader.expect('keyword', 'IN');
    return { kind: 'elements', alias, path: parsePostfix(reader) };
  }
  const path = parsePostfix(reader);
  const alias = parseAlias(reader) ?? nameOf(path);
  return alias === undefined ? reader.fail() : { kind: 'path', alias, path };
}

function parseOrder(reader: TokenReader): OrderTerm[] {
  const terms: OrderTerm[] = [];
  do {
    const expression = parseExpression(reader);
    const direction = reader.takeOneOf('keyword', ['ASC', 'DESC']);
    terms.push({ expression, descending: direction === 'DESC' });
  } while (reader.take('symbol', ','));
  return terms;
}
