import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Node } from 'web-tree-sitter';
import { nodesOf, parseBicep, properties, property, type BicepFile, type Block } from './bicep.ts';
import { bicepFiles, fileAt, mainFile, parametersFile } from './template.ts';

/** Functions and namespaces of Bicep that the templates may use. */
const BUILT_IN = new Set([
  ...['allowed', 'batchSize', 'description', 'export', 'maxLength', 'maxValue', 'metadata', 'minLength', 'minValue'],
  ...[
    'secure',
    'cidrSubnet',
    'concat',
    'contains',
    'empty',
    'environment',
    'fail',
    'filter',
    'guid',
    'items',
    'join',
    'last',
  ],
  ...[
    'listKeys',
    'loadJsonContent',
    'max',
    'replace',
    'resourceGroup',
    'split',
    'subscription',
    'subscriptionResourceId',
  ],
  ...['tenant', 'toLower', 'toObject', 'union', 'uniqueString', 'utcNow', 'int', 'bool', 'readEnvironmentVariable'],
]);

/** Names that a file uses: identifiers in expressions and types, not those that name a property or declare something. */
function usedNames(root: Node): Set<string> {
  const names = nodesOf(root, (node) => node.type === 'identifier').filter((node) => !isDeclaring(node));
  return new Set(names.map((node) => node.text));
}

const DECLARING = new Set([
  'parameter_declaration',
  'variable_declaration',
  'output_declaration',
  'resource_declaration',
  'module_declaration',
  'type_declaration',
  'import_functionality',
  'object_property',
  'lambda_expression',
]);

function isDeclaring(node: Node): boolean {
  const parent = node.parent;
  if (parent === null || !DECLARING.has(parent.type)) return false;
  return parent.namedChildren[0]?.equals(node) === true || parent.type === 'import_functionality';
}

/** Names that a file declares, those of loops and lambdas included. */
function declaredNames(file: BicepFile): Set<string> {
  const loops = nodesOf(file.root, (node) => node.type === 'for_statement').flatMap((node) => loopVariables(node));
  const lambdas = nodesOf(file.root, (node) => node.type === 'lambda_expression').map(
    (node) => node.namedChildren[0]?.text ?? '',
  );
  const types = nodesOf(file.root, (node) => node.type === 'type_declaration').map(
    (node) => node.namedChildren[0]?.text ?? '',
  );
  return new Set([
    ...[...file.parameters, ...file.variables, ...file.outputs].map(({ name }) => name),
    ...[...file.resources, ...file.modules].map(({ symbol }) => symbol),
    ...file.imports,
    ...loops,
    ...lambdas,
    ...types,
  ]);
}

/** `for x in` and `for (x, index) in`. */
const loopVariables = (node: Node): string[] =>
  /^\[?\s*for\s+(?:\(([^)]*)\)|(\w+))\s+in/
    .exec(node.text)
    ?.slice(1)
    .flatMap((names: string | undefined) => (names ?? '').split(',').map((name) => name.trim()))
    .filter((name) => name !== '') ?? [];

const moduleFile = (file: BicepFile, module: Block): BicepFile => fileAt(join(dirname(file.path), module.target));

const everyModule = bicepFiles.flatMap((file) => file.modules.map((module) => ({ file, module })));

describe('the references in the templates', () => {
  it('name nothing that is not declared', () => {
    const unknown = bicepFiles.flatMap((file) => {
      const known = declaredNames(file);
      return [...usedNames(file.root)]
        .filter((name) => !known.has(name) && !BUILT_IN.has(name))
        .map((name) => `${file.path}: ${name}`);
    });
    expect(unknown).toEqual([]);
  });

  it('would notice a name that is not declared', () => {
    const file = parseBicep("param a string\nvar b = '${a}-${c}'\n", 'broken.bicep');
    expect([...usedNames(file.root)].filter((name) => !declaredNames(file).has(name))).toEqual(['c']);
  });

  it('use every parameter, variable and import', () => {
    const idle = bicepFiles.flatMap((file) => {
      const used = usedNames(file.root);
      const declared = [...file.parameters, ...file.variables].map(({ name }) => name);
      return [...declared, ...file.imports].filter((name) => !used.has(name)).map((name) => `${file.path}: ${name}`);
    });
    expect(idle).toEqual([]);
  });

  it('hand every module the parameters it needs, and no others', () => {
    const faults = everyModule.flatMap(({ file, module }) => {
      const wanted = moduleFile(file, module).parameters;
      const passed = properties(property(module.body, 'params')).map(([name]) => name);
      const missing = wanted.filter((one) => one.value === undefined && !one.nullable && !passed.includes(one.name));
      const unknown = passed.filter((name) => !wanted.some((parameter) => parameter.name === name));
      return [...missing.map(({ name }) => `lacks ${name}`), ...unknown.map((name) => `has no parameter ${name}`)].map(
        (fault) => `${file.path}: ${module.symbol} ${fault}`,
      );
    });
    expect(faults).toEqual([]);
  });

  it('read only outputs that the module has', () => {
    const faults = bicepFiles.flatMap((file) =>
      [...file.root.text.matchAll(/\b(\w+)!?\.outputs\.(\w+)/g)].flatMap(([text, symbol, output]) => {
        const module = file.modules.find((entry) => entry.symbol === symbol);
        const outputs = module === undefined ? [] : moduleFile(file, module).outputs.map(({ name }) => name);
        return output !== undefined && outputs.includes(output) ? [] : [`${file.path}: ${text}`];
      }),
    );
    expect(faults).toEqual([]);
  });

  it('use every output of a module', () => {
    const read = new Set(
      bicepFiles.flatMap((file) => [...file.root.text.matchAll(/\.outputs\.(\w+)/g)].map((match) => match[1])),
    );
    const idle = everyModule.flatMap(({ file, module }) =>
      moduleFile(file, module)
        .outputs.filter(({ name }) => !read.has(name))
        .map(({ name }) => `${module.target}: ${name}`),
    );
    expect(idle).toEqual([]);
  });

  it('guard every module that may be left out', () => {
    const bare = bicepFiles.flatMap((file) =>
      file.modules
        .filter((module) => module.condition !== undefined)
        .filter((module) => new RegExp(`\\b${module.symbol}\\.outputs`).test(file.root.text))
        .map((module) => `${file.path}: ${module.symbol}`),
    );
    expect(bare).toEqual([]);
  });

  it('set every parameter of the template from the environment', () => {
    const set = parametersFile.variables.map(({ name }) => name);
    const wanted = mainFile.parameters.map(({ name }) => name).filter((name) => name !== 'thisMonth');
    expect(set.toSorted()).toEqual(wanted.toSorted());
  });
});
