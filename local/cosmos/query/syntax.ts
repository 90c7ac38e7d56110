import type { Value } from '../json.ts';

export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>=';
export type Arithmetic = '+' | '-' | '*' | '/' | '%' | '&' | '|' | '^' | '<<' | '>>' | '>>>';

/** What each kind of expression consists of. */
interface Shapes {
  constant: { value: Value };
  parameter: { name: string };
  name: { name: string };
  member: { object: Expression; key: Expression };
  and: Pair;
  or: Pair;
  coalesce: Pair;
  concatenate: Pair;
  compare: Pair & { operator: Comparison };
  arithmetic: Pair & { operator: Arithmetic };
  not: { operand: Expression };
  negate: { operand: Expression };
  plus: { operand: Expression };
  complement: { operand: Expression };
  in: { operand: Expression; list: Expression[] };
  between: { operand: Expression; low: Expression; high: Expression };
  like: { operand: Expression; pattern: Expression; escape: Expression | undefined };
  choose: { condition: Expression; yes: Expression; no: Expression };
  array: { items: Expression[] };
  object: { fields: { name: string; value: Expression }[] };
  call: { name: string; args: Expression[] };
  'user-call': { name: string; args: Expression[] };
  /** `EXISTS(...)`. */
  exists: { query: Select };
  /** `ARRAY(...)`. */
  collect: { query: Select };
  /** A subquery in brackets, which yields its first row. */
  scalar: { query: Select };
}

interface Pair {
  left: Expression;
  right: Expression;
}

export type Kind = keyof Shapes;

/** One expression of the query language. */
export type Expression<K extends Kind = Kind> = { [P in K]: { kind: P } & Shapes[P] }[K];

export interface Projected {
  expression: Expression;
  alias: string | undefined;
}

export type Projection =
  { kind: 'star' } | { kind: 'value'; expression: Expression } | { kind: 'list'; items: Projected[] };

export type Source =
  /** `FROM c`, `FROM c.address a`. */
  | { kind: 'path'; alias: string; path: Expression }
  /** `t IN c.tags`: one row for each element. */
  | { kind: 'elements'; alias: string; path: Expression }
  /** `(SELECT VALUE ...) AS t`: one row for each row of the subquery. */
  | { kind: 'subquery'; alias: string; query: Select };

export interface OrderTerm {
  expression: Expression;
  descending: boolean;
}

export interface Select {
  distinct: boolean;
  top: Expression | undefined;
  projection: Projection;
  from: Source | undefined;
  joins: Source[];
  where: Expression | undefined;
  groupBy: Expression[];
  orderBy: OrderTerm[];
  offset: Expression | undefined;
  limit: Expression | undefined;
}
