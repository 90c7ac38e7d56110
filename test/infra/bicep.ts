import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Language, Parser, type Node } from 'web-tree-sitter';

await Parser.init();
const parser = new Parser();
parser.setLanguage(
  await Language.load(createRequire(import.meta.url).resolve('tree-sitter-bicep/tree-sitter-bicep.wasm')),
);

/** A parameter, variable or output, with what its decorators say. */
export interface Declaration {
  name: string;
  node: Node;
  /** Default of a parameter, value of a variable or output. */
  value?: Node;
  description?: string;
  allowed?: Node;
  secure: boolean;
  nullable: boolean;
}

/** A resource or a module. */
export interface Block {
  symbol: string;
  /** Type and version of a resource, path of a module. */
  target: string;
  existing: boolean;
  /** The condition of `if (...)`. */
  condition?: Node;
  /** The body; that of one pass for a loop. */
  body: Node;
  node: Node;
}

export interface BicepFile {
  path: string;
  root: Node;
  /** Position and text of everything the grammar could not read. */
  syntaxErrors: string[];
  parameters: Declaration[];
  variables: Declaration[];
  outputs: Declaration[];
  resources: Block[];
  modules: Block[];
  /** Names that `import` brings in. */
  imports: string[];
}

/** Reads a Bicep file, or a parameters file, whose untyped `param x = ...` the grammar takes for a variable. */
export function readBicep(path: string): BicepFile {
  return parseBicep(readFileSync(path, 'utf8'), path);
}

export function parseBicep(text: string, path: string): BicepFile {
  const source = path.endsWith('.bicepparam') ? text.replaceAll(/^param (\w+) =/gm, 'var $1 =') : text;
  const tree = parser.parse(source);
  if (tree === null) throw new Error(`${path} cannot be parsed.`);
  const root = tree.rootNode;
  return {
    path,
    root,
    syntaxErrors: nodesOf(root, (node) => node.isError || node.isMissing).map(
      (node) => `${path}:${node.startPosition.row + 1} ${node.text.slice(0, 60)}`,
    ),
    parameters: declarations(root, 'parameter_declaration'),
    variables: declarations(root, 'variable_declaration'),
    outputs: declarations(root, 'output_declaration'),
    resources: nodesOf(root, (node) => node.type === 'resource_declaration').map(blockOf),
    modules: nodesOf(root, (node) => node.type === 'module_declaration').map(blockOf),
    imports: nodesOf(root, (node) => node.type === 'import_functionality').flatMap((node) =>
      node.namedChildren.filter((child) => child.type === 'identifier').map((child) => child.text),
    ),
  };
}

/** Every node below (and the node itself) that fits, in the order of the text. */
export function nodesOf(node: Node, fits: (node: Node) => boolean): Node[] {
  return [...(fits(node) ? [node] : []), ...node.children.flatMap((child) => nodesOf(child, fits))];
}

const VALUELESS = new Set(['type', 'identifier', 'nullable_type']);

function declarations(root: Node, type: string): Declaration[] {
  return root.namedChildren.flatMap((node, index) => {
    if (node.type !== type) return [];
    const before = root.namedChildren[index - 1];
    const decorators = before?.type === 'decorators' ? before : undefined;
    const last = node.namedChildren.at(-1);
    const allowed = decoratorArgument(decorators, 'allowed');
    const description = decoratorArgument(decorators, 'description');
    return {
      name: node.namedChildren[0]?.text ?? '',
      node,
      value: last === undefined || VALUELESS.has(last.type) ? undefined : last,
      description: description === undefined ? undefined : literal(description),
      allowed,
      secure: decorators?.text.includes('@secure()') ?? false,
      nullable: nodesOf(node, (child) => child.type === 'nullable_type').length > 0,
    };
  });
}

function decoratorArgument(decorators: Node | undefined, name: string): Node | undefined {
  const call = decorators?.namedChildren
    .flatMap((decorator) => decorator.namedChildren)
    .find((child) => child.type === 'call_expression' && child.namedChildren[0]?.text === name);
  return call?.namedChildren[1]?.namedChildren[0];
}

function blockOf(node: Node): Block {
  const [symbol, target, last] = node.namedChildren;
  let body = last;
  let condition: Node | undefined;
  while (body !== undefined && body.type !== 'object') {
    if (body.type === 'if_statement') condition = body.namedChildren[0];
    body = body.namedChildren.at(-1);
  }
  if (symbol === undefined || target === undefined || body === undefined) throw new Error(`Cannot read ${node.text}`);
  return {
    symbol: symbol.text,
    target: literal(target) ?? '',
    existing: node.children.some((child) => child.text === 'existing'),
    condition,
    body,
    node,
  };
}

/** The text of a string without interpolation, or undefined. */
export function literal(node: Node): string | undefined {
  if (node.type !== 'string' || node.namedChildren.some((child) => child.type === 'interpolation')) return undefined;
  return unescape(node.namedChildren.map((child) => child.text).join(''));
}

export const unescape = (text: string): string => text.replaceAll(/\\(['\\$])/g, '$1');

/** The value of a property of an object, or undefined. */
export function property(object: Node | undefined, name: string): Node | undefined {
  return properties(object).find(([key]) => key === name)?.[1];
}

/** Names and values of an object's properties. */
export function properties(object: Node | undefined): [string, Node][] {
  return (object?.namedChildren ?? []).flatMap((child): [string, Node][] => {
    const [key, value] = child.namedChildren;
    if (child.type !== 'object_property' || key === undefined || value === undefined) return [];
    return [[key.type === 'string' ? (literal(key) ?? key.text) : key.text, value]];
  });
}
