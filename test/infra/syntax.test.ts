import { describe, expect, it } from 'vitest';
import type { Node } from 'web-tree-sitter';
import { nodesOf, parseBicep } from './bicep.ts';
import { bicepFiles, parametersFile } from './template.ts';

/** Names that an object gives more than once. */
function repeated(object: Node): string[] {
  const names = object.namedChildren
    .filter((child) => child.type === 'object_property')
    .map((property) => property.namedChildren[0]?.text ?? '');
  return names.filter((name, index) => names.indexOf(name) !== index);
}

describe('the syntax of the templates', () => {
  it.each([...bicepFiles, parametersFile].map((file) => [file.path, file] as const))('%s is Bicep', (_path, file) => {
    expect(file.syntaxErrors).toEqual([]);
  });

  it('would notice a missing brace, a missing colon and a missing value', () => {
    for (const text of ["var a = { b: 'c'", "var a = { b 'c' }", 'var a =']) {
      expect(parseBicep(text, 'broken.bicep').syntaxErrors, text).not.toEqual([]);
    }
  });

  it('sets no property of an object twice, which the grammar allows and the compiler does not', () => {
    const twice = (text: string): string[] =>
      nodesOf(parseBicep(text, 'objects.bicep').root, (node) => node.type === 'object').flatMap(repeated);
    expect(twice('var a = { b: 1\n c: 2\n b: 3 }')).toEqual(['b']);
    const found = bicepFiles.flatMap((file) =>
      nodesOf(file.root, (node) => node.type === 'object').flatMap((object) =>
        repeated(object).map((name) => `${file.path}:${object.startPosition.row + 1} ${name}`),
      ),
    );
    expect(found).toEqual([]);
  });

  it('describes every parameter and every output', () => {
    const silent = bicepFiles.flatMap((file) =>
      [...file.parameters, ...file.outputs]
        .filter((declaration) => (declaration.description ?? '') === '')
        .map((declaration) => `${file.path}: ${declaration.name}`),
    );
    expect(silent).toEqual([]);
  });

  it('takes no module from a registry, so that it compiles without a network', () => {
    const targets = bicepFiles.flatMap((file) => file.modules.map((module) => module.target));
    expect(targets.filter((target) => !/^[\w./-]+\.bicep$/.test(target))).toEqual([]);
    const extensions = bicepFiles.flatMap((file) => nodesOf(file.root, (node) => node.type.startsWith('extension')));
    expect(extensions).toEqual([]);
  });
});
