import { describe, expect, it } from 'vitest';
import { compileBlobPath } from '../../../../../local/host/triggers/blob-path.ts';
import { splitBlobUrl } from '../../../../../local/host/triggers/event-grid.ts';
import { fillPath } from '../../../../../local/host/triggers/output-paths.ts';

describe('paths of blob triggers', () => {
  it.each([
    ['c/{name}', 'a/b.txt', { name: 'a/b.txt' }],
    ['c/{name}.{ext}', 'a.b.txt', { name: 'a.b', ext: 'txt' }],
    ['c/in/{a}-{b}.pdf', 'in/1-2-3.pdf', { a: '1-2', b: '3' }],
    ['c/fixed.txt', 'fixed.txt', {}],
    ['c', 'anything/at all', {}],
    ['c/{{braces}}/{x}', '{braces}/1', { x: '1' }],
    ['c/a+(b)/{x}', 'a+(b)/1', { x: '1' }],
  ])('%s takes %s', (path, name, expected) => {
    expect(compileBlobPath(path).match(name)).toEqual(expected);
  });

  it.each([
    ['c/{name}.pdf', 'a.txt'],
    ['c/{name}.pdf', '.pdf'],
    ['c/in/{name}', 'out/a'],
    ['c/fixed.txt', 'fixedxtxt'],
  ])('%s does not take %s', (path, name) => {
    expect(compileBlobPath(path).match(name)).toBeUndefined();
  });
});

describe('paths of blob outputs', () => {
  it('fills in what the trigger gives, in any case of the name', () => {
    expect(fillPath('out/{Name}/{id}.json', { name: 'a/b', ID: '7' })).toBe('out/a/b/7.json');
  });

  it('knows the names that every binding has', () => {
    const now = new Date('2026-03-04T05:06:07.008Z');
    expect(fillPath('out/{DateTime:yyyy-MM-dd}', {}, now)).toBe('out/2026-03-04');
    expect(fillPath('out/{DateTime}', {}, now)).toBe('out/2026-03-04T05-06-07.008Z');
    expect(fillPath('out/{rand-guid}', {})).toMatch(/^out\/[0-9a-f-]{36}$/);
    expect(fillPath('out/{rand-guid:N}', {})).toMatch(/^out\/[0-9a-f]{32}$/);
  });

  it('names what stands for nothing', () => {
    expect(() => fillPath('out/{nope}', {})).toThrow("'{nope}'");
  });
});

describe('addresses of blobs in events', () => {
  it.each([
    ['https://account.blob.core.windows.net/c/a/b.txt', 'c', 'a/b.txt'],
    ['https://account.blob.core.windows.net/c/a%20b%2Bc.txt', 'c', 'a b+c.txt'],
    ['http://127.0.0.1:10000/devstoreaccount1/c/a.txt', 'c', 'a.txt'],
    ['https://localhost:10000/devstoreaccount1/c/a.txt', 'c', 'a.txt'],
  ])('%s', (url, container, blob) => {
    expect(splitBlobUrl(new URL(url))).toEqual({ container, blob });
  });
});
