import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readParams } from '../../../src/http/call.ts';

const IMAGES = 'openai/v1/responses/{id}/images/{itemId}';

describe('readParams', () => {
  it.each([
    ['/openai/v1/responses/resp_1/images/ig_1', { id: 'resp_1', itemId: 'ig_1' }],
    ['/openai/v1/responses/1/images/2', { id: '1', itemId: '2' }],
    ['//openai/v1/responses/a%2Fb/images/%20/', { id: 'a/b', itemId: ' ' }],
    ['/openai/v1/responses/%2e%2e/images/x', undefined],
    ['/openai/v1/responses/./images/x', undefined],
    ['/openai/v1/responses/%/images/x', undefined],
    ['/openai/v1/responses/%ff/images/x', undefined],
  ])('%s', (path, expected) => {
    expect(readParams(IMAGES, path)).toEqual(expected);
  });

  it('gives back whatever was escaped, and never a step up', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).map((any) => any.toWellFormed());
    const segment = fc.oneof(text, fc.constantFrom('.', '..', '...', './', '%2e'));
    fc.assert(
      fc.property(segment, segment, (id, itemId) => {
        const path = `/openai/v1/responses/${encodeURIComponent(id)}/images/${encodeURIComponent(itemId)}`;
        const climbs = [id, itemId].some((each) => each === '.' || each === '..');
        expect(readParams(IMAGES, path)).toEqual(climbs ? undefined : { id, itemId });
      }),
    );
  });

  it('never throws, whatever the path', () => {
    const path = fc.string({
      unit: fc.constantFrom('%', '.', '/', '\\', ':', '?', '&', '#', 'a', 'f', '0', '9', 'é', '𝒳'),
      maxLength: 60,
    });
    fc.assert(
      fc.property(path, (text) => {
        const found = readParams('openai/{*path}', text);
        if (found !== undefined) expect(['.', '..']).not.toContain(found.path);
      }),
    );
  });
});
