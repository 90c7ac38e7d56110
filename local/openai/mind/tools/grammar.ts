import { sampleOf } from '../schema/pattern.ts';

/** Deeper nesting of rules takes the shortest way out. */
const MAX_DEPTH = 12;

/**
 * A text of a Lark grammar: literals, terminals given by pattern, rules, groups, alternatives, `?`, `*` and `+`.
 * A terminal whose pattern the wish fits is filled with the wish.
 */
export function sampleGrammar(grammar: string, wish: string): string {
  const rules = readRules(grammar);
  return rules.has('start') ? expand('start', rules, wish, 0) : wish;
}

type Rules = ReadonlyMap<string, string>;

/** Name to body; a body may go on over lines that begin with `|`. */
function readRules(grammar: string): Rules {
  const rules = new Map<string, string>();
  let last: string | undefined;
  for (const line of grammar.split('\n').map((text) => text.replace(/(?<!["/].*)\/\/.*$/, '').trim())) {
    const rule = /^[?!]*([A-Za-z_]\w*)(?:\.\d+)?\s*:\s*(.*)$/.exec(line);
    if (rule?.[1] !== undefined) {
      last = rule[1];
      rules.set(last, rule[2] ?? '');
    } else if (line.startsWith('|') && last !== undefined) {
      rules.set(last, `${rules.get(last) ?? ''} ${line}`);
    }
  }
  return rules;
}

const IMPORTED: Readonly<Record<string, string>> = {
  INT: '1',
  NUMBER: '1',
  SIGNED_NUMBER: '1',
  WORD: 'word',
  CNAME: 'name',
  ESCAPED_STRING: '"text"',
  WS: ' ',
};

function expand(name: string, rules: Rules, wish: string, depth: number): string {
  const body = rules.get(name);
  if (body === undefined) return IMPORTED[name] ?? '';
  const options = alternativesOf(body);
  // At the end of the rope, an alternative that does not name the rule again.
  const option =
    depth > MAX_DEPTH
      ? (options.find((text) => !new RegExp(`\\b${name}\\b`).test(text)) ?? '')
      : bestOption(options, wish);
  return sequence(option, rules, wish, depth + 1);
}

/** The literal that the wish contains, else the first alternative. */
function bestOption(options: readonly string[], wish: string): string {
  const said = options.find((option) => {
    const literal = /^\s*"((?:[^"\\]|\\.)*)"\s*$/.exec(option)?.[1];
    return literal !== undefined && literal !== '' && wish.toLowerCase().includes(literal.toLowerCase());
  });
  return said ?? options[0] ?? '';
}

const TOKEN = /"((?:[^"\\]|\\.)*)"i?|\/((?:[^/\\]|\\.)+)\/[a-z]*|([A-Za-z_]\w*)|([()[\]])|([?*+])|(~\s*\d+)/g;

function sequence(option: string, rules: Rules, wish: string, depth: number): string {
  let text = '';
  const body = option.replace(/->\s*\w+/g, '');
  for (let at = 0; at < body.length;) {
    TOKEN.lastIndex = at;
    const token = TOKEN.exec(body);
    if (!token) break;
    at = TOKEN.lastIndex;
    if (token[4] === '(' || token[4] === '[') {
      const end = closing(body, token.index);
      text += sequence(alternativesOf(body.slice(token.index + 1, end))[0] ?? '', rules, wish, depth).repeat(
        timesAfter(body, end + 1, depth),
      );
      at = end + 1;
    } else {
      text += unit(token, rules, wish, depth).repeat(timesAfter(body, at, depth));
    }
  }
  return text;
}

function unit(token: RegExpExecArray, rules: Rules, wish: string, depth: number): string {
  const [, literal, pattern, name] = token;
  if (literal !== undefined) return literal.replace(/\\(.)/g, '$1');
  if (pattern !== undefined) return new RegExp(`^(?:${pattern})$`).test(wish) ? wish : (sampleOf(pattern) ?? '');
  return name === undefined ? '' : expand(name, rules, wish, depth);
}

/** `*` and `?` mean none, so that every text ends. */
function timesAfter(body: string, at: number, depth: number): number {
  const sign = body[at];
  return sign === '*' || (sign === '?' && depth > 0) ? 0 : 1;
}

function alternativesOf(body: string): string[] {
  const options = [''];
  let depth = 0;
  for (const [part] of body.matchAll(/"(?:[^"\\]|\\.)*"i?|\/(?:[^/\\]|\\.)+\/|[^"/]/g)) {
    if (part === '(' || part === '[') depth++;
    if (part === ')' || part === ']') depth--;
    if (part === '|' && depth === 0) options.push('');
    else options.push(`${options.pop() ?? ''}${part}`);
  }
  return options;
}

function closing(body: string, open: number): number {
  let depth = 0;
  for (let at = open; at < body.length; at++) {
    if (body[at] === '(' || body[at] === '[') depth++;
    if (body[at] === ')' || body[at] === ']') depth--;
    if (depth === 0) return at;
  }
  return body.length;
}
