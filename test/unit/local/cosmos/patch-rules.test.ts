import { describe, expect, it } from 'vitest';
import { applyPatch, parsePatch } from '../../../../local/cosmos/documents/patch.ts';
import type { Json, JsonObject } from '../../../../local/cosmos/json.ts';
import { Catalog } from '../../../../local/cosmos/store/catalog.ts';
import { openDatabase } from '../../../../local/cosmos/store/open.ts';

const catalog = new Catalog(openDatabase(':memory:'), Date.now);
catalog.createDatabase({ id: 'd' });
const container = catalog.createContainer('d', { id: 'c', partitionKey: { paths: ['/key/inner'] } });

const patch = (document: JsonObject, ...operations: Json[]): JsonObject =>
  applyPatch(document, parsePatch(container, operations));

describe('operations of a patch', () => {
  it('add inserts into an array and replaces a property', () => {
    expect(patch({ list: [1, 2] }, { op: 'add', path: '/list/1', value: 9 })).toEqual({ list: [1, 9, 2] });
    expect(patch({ a: 1 }, { op: 'add', path: '/a', value: 2 })).toEqual({ a: 2 });
  });

  it('set replaces an element of an array, and takes no index beyond it', () => {
    expect(patch({ list: [1, 2] }, { op: 'set', path: '/list/1', value: 9 })).toEqual({ list: [1, 9] });
    expect(() => patch({ list: [1] }, { op: 'set', path: '/list/1', value: 9 })).toThrow(/outside of the array/);
  });

  it('replace and remove need something that is there', () => {
    expect(() => patch({}, { op: 'replace', path: '/a', value: 1 })).toThrow(/path that exists/);
    expect(() => patch({ list: [] }, { op: 'remove', path: '/list/0' })).toThrow(/path that exists/);
    expect(patch({ list: [1, 2, 3] }, { op: 'remove', path: '/list/1' })).toEqual({ list: [1, 3] });
  });

  it('incr starts at nothing and takes only numbers', () => {
    expect(patch({}, { op: 'incr', path: '/n', value: 2.5 })).toEqual({ n: 2.5 });
    expect(() => patch({ n: 'x' }, { op: 'incr', path: '/n', value: 1 })).toThrow(/holds a number/);
    expect(() => patch({}, { op: 'incr', path: '/n', value: '1' })).toThrow(/needs a number/);
  });

  it('move goes anywhere but into itself', () => {
    expect(patch({ a: { b: 1 } }, { op: 'move', from: '/a/b', path: '/c' })).toEqual({ a: {}, c: 1 });
    expect(() => patch({ a: {} }, { op: 'move', from: '/a', path: '/a/b' })).toThrow(/cannot be below/);
    expect(() => patch({}, { op: 'move', from: '/a', path: '/b' })).toThrow(/path that exists/);
  });

  it('reads ~0 and ~1 in names', () => {
    expect(patch({ 'a/b': 1, 'c~d': 2 }, { op: 'set', path: '/a~1b', value: 3 })).toEqual({ 'a/b': 3, 'c~d': 2 });
    expect(patch({ 'c~d': 2 }, { op: 'remove', path: '/c~0d' })).toEqual({});
  });

  it('does not make the objects on the way', () => {
    expect(() => patch({}, { op: 'set', path: '/a/b', value: 1 })).toThrow(/does not exist in the document/);
  });

  it.each(['/id', '/_etag', '/_ts', '/key/inner', '/key'])('cannot touch %s', (path) => {
    expect(() => patch({ id: '1', key: { inner: 1 } }, { op: 'set', path, value: 1 })).toThrow(/cannot be patched/);
  });

  it('may touch what is beside them', () => {
    expect(patch({ key: { inner: 1 } }, { op: 'set', path: '/key/other', value: 2 })).toEqual({
      key: { inner: 1, other: 2 },
    });
    expect(patch({}, { op: 'set', path: '/_own', value: 2 })).toEqual({ _own: 2 });
  });

  it.each<[string, Json]>([
    ['no operation', { op: 'test', path: '/a', value: 1 }],
    ['no path', { op: 'set', value: 1 }],
    ['the whole document', { op: 'set', path: '/', value: 1 }],
    ['no value', { op: 'set', path: '/a' }],
    ['no object', 'set'],
  ])('refuses %s', (_name, operation) => {
    expect(() => parsePatch(container, [operation])).toThrow();
  });

  it('refuses a condition that is none', () => {
    const body = { operations: [{ op: 'set', path: '/a', value: 1 }], condition: 'c.a = 1' };
    expect(() => applyPatch({}, parsePatch(container, body))).toThrow(/has the form/);
  });
});
