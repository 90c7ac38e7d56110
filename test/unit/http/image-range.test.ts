import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRange } from '../../../src/http/image-answer.ts';

describe('a range of an image of 100 bytes', () => {
  it.each([
    ['bytes=0-9', { from: 0, to: 9 }],
    ['bytes=90-', { from: 90, to: 99 }],
    ['bytes=-10', { from: 90, to: 99 }],
    ['bytes=-1000', { from: 0, to: 99 }],
    ['bytes=50-1000', { from: 50, to: 99 }],
    ['bytes=100-', 'outside'],
    ['bytes=-0', 'outside'],
    ['bytes=9-3', undefined],
    ['bytes=0-1,5-6', undefined],
    ['bytes=-', undefined],
    ['lines=1-2', undefined],
    [null, undefined],
  ])('%s', (header, expected) => {
    expect(readRange(header, 100)).toEqual(expected);
  });

  it('lies within it, whatever the header', () => {
    const part = fc.oneof(
      fc.nat(300).map(String),
      fc.string({ maxLength: 6 }),
      fc.constantFrom('', '-', '9'.repeat(400)),
    );
    fc.assert(
      fc.property(part, part, (from, to) => {
        const found = readRange(`bytes=${from}-${to}`, 100);
        if (found === undefined || found === 'outside') return;
        expect(found.from).toBeGreaterThanOrEqual(0);
        expect(found.to).toBeGreaterThanOrEqual(found.from);
        expect(found.to).toBeLessThan(100);
      }),
      { numRuns: 1_000 },
    );
  });
});
