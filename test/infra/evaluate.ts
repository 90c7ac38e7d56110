import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Node } from 'web-tree-sitter';
import { properties, unescape, type BicepFile } from './bicep.ts';
import { FUNCTIONS, member, text, type Lambda, type Value } from './functions.ts';

/** The template refused: `fail(...)` was reached. */
export class TemplateFailure extends Error {
  override readonly name = 'TemplateFailure';
}

export interface Context {
  parameters?: Record<string, Value>;
  /** What `readEnvironmentVariable` sees. */
  environment?: Record<string, string>;
}

/** Where a name is looked up: the file, or the variable of a lambda. */
type Scope = (name: string) => Value;

interface Step {
  node: Node;
  scope: Scope;
  /** The value of the n-th part of the expression. */
  part: (index: number) => Value;
}

/**
 * Works out a variable, a parameter or an expression of a Bicep file as a deployment would, as far as it does not
 * depend on Azure: what a resource or module knows only afterwards becomes the text `<symbol.property>`.
 */
export class Evaluation {
  readonly #file: BicepFile;
  readonly #context: Context;

  constructor(file: BicepFile, context: Context = {}) {
    this.#file = file;
    this.#context = context;
  }

  named(name: string): Value {
    const given = this.#context.parameters;
    if (given !== undefined && name in given) return given[name];
    const declared = [...this.#file.parameters, ...this.#file.variables].find((entry) => entry.name === name);
    if (declared !== undefined) return declared.value === undefined ? null : this.value(declared.value);
    return `<${name}>`;
  }

  value(node: Node, scope: Scope = (name) => this.named(name)): Value {
    const part = (index: number): Value => {
      const child = node.namedChildren[index];
      if (child === undefined) throw new Error(`Nothing at ${index} of ${node.text}`);
      return this.value(child, scope);
    };
    const kind = this.#kinds[node.type];
    if (kind === undefined) throw new Error(`${this.#file.path}: cannot evaluate ${node.type} ${node.text}`);
    return kind({ node, scope, part });
  }

  readonly #kinds: Record<string, (step: Step) => Value> = {
    string: ({ node, scope }) => node.namedChildren.map((child) => this.#piece(child, scope)).join(''),
    number: ({ node }) => Number(node.text),
    boolean: ({ node }) => node.text === 'true',
    null: () => null,
    identifier: ({ node, scope }) => scope(node.text),
    parenthesized_expression: ({ part }) => part(0),
    array: ({ node, scope }) => node.namedChildren.map((child) => this.value(child, scope)),
    object: ({ node, scope }) =>
      Object.fromEntries(properties(node).map(([key, value]) => [key, this.value(value, scope)])),
    ternary_expression: ({ part }) => (part(0) === true ? part(1) : part(2)),
    unary_expression: ({ node, part }) => (node.text.startsWith('!') ? part(0) !== true : -Number(part(0))),
    binary_expression: ({ node, part }) => binary(node, part),
    member_expression: ({ node, scope }) => this.#member(node, scope),
    resource_expression: ({ node, part }) => member(part(0), node.namedChildren[1]?.text ?? ''),
    subscript_expression: ({ part }) => member(part(0), text(part(1))),
    call_expression: ({ node, scope }) => this.#call(node, scope),
  };

  #piece(node: Node, scope: Scope): string {
    const inner = node.type === 'interpolation' ? node.namedChildren[0] : undefined;
    return inner === undefined ? unescape(node.text) : text(this.value(inner, scope));
  }

  #call(node: Node, scope: Scope): Value {
    const name = node.namedChildren[0]?.text ?? '';
    const nodes = node.namedChildren[1]?.namedChildren ?? [];
    const given = nodes.map((argument) => this.#lambda(argument, scope) ?? this.value(argument, scope));
    if (name === 'fail') throw new TemplateFailure(text(given[0]));
    if (name === 'loadJsonContent') {
      return JSON.parse(readFileSync(join(dirname(this.#file.path), text(given[0])), 'utf8'));
    }
    if (name === 'readEnvironmentVariable') return this.#context.environment?.[text(given[0])] ?? given[1];
    const implementation = FUNCTIONS[name];
    // Functions that ask Azure stay what they are.
    return implementation === undefined ? `<${name}()>` : implementation(given);
  }

  #member(node: Node, scope: Scope): Value {
    const { inner, names } = unwind(node);
    const [condition, yes, no] = inner.type === 'ternary_expression' ? inner.namedChildren : [];
    if (condition === undefined || yes === undefined || no === undefined) {
      return names.reduce(member, this.value(inner, scope));
    }
    // `a ? b : c.d`, which the grammar reads as `(a ? b : c).d`.
    return this.value(condition, scope) === true ? this.value(yes, scope) : names.reduce(member, this.value(no, scope));
  }

  /** `x => x.a.b`, which the grammar reads as `(x => x).a.b`. */
  #lambda(node: Node, scope: Scope): Lambda | undefined {
    const { inner, names } = unwind(node);
    const [variable, body] = inner.type === 'lambda_expression' ? inner.namedChildren : [];
    if (variable === undefined || body === undefined) return undefined;
    return {
      apply: (value) =>
        names.reduce(
          member,
          this.value(body, (name) => (name === variable.text ? value : scope(name))),
        ),
    };
  }
}

/** An expression and the names of the properties that are read from it. */
function unwind(node: Node): { inner: Node; names: string[] } {
  const names: string[] = [];
  let inner = node;
  while (inner.type === 'member_expression') {
    names.unshift(inner.namedChildren[1]?.text ?? '');
    inner = inner.namedChildren[0] ?? inner;
  }
  return { inner, names };
}

const OPERATORS: Record<string, (part: (index: number) => Value) => Value> = {
  '||': (part) => part(0) === true || part(1) === true,
  '&&': (part) => part(0) === true && part(1) === true,
  '==': (part) => part(0) === part(1),
  '!=': (part) => part(0) !== part(1),
  '>': (part) => Number(part(0)) > Number(part(1)),
  '??': (part) => part(0) ?? part(1),
};

function binary(node: Node, part: (index: number) => Value): Value {
  const operator = node.children.find((child) => !child.isNamed)?.type ?? '';
  const implementation = OPERATORS[operator];
  if (implementation === undefined) throw new Error(`Cannot evaluate the operator ${operator}`);
  return implementation(part);
}
