import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../../src/errors.ts';
import { pageOf, readPage } from '../../../src/http/paging.ts';

const ITEMS = Array.from({ length: 7 }, (_, index) => ({ id: `i${index}` }));
const ids = (page: Record<string, unknown>): unknown => (page.data as { id: string }[]).map(({ id }) => id);

describe('pageOf', () => {
  it('gives the newest first by default, and says whether there is more', () => {
    const page = pageOf(ITEMS, { limit: 3, order: 'desc' });
    expect(ids(page)).toEqual(['i6', 'i5', 'i4']);
    expect(page).toMatchObject({ object: 'list', first_id: 'i6', last_id: 'i4', has_more: true });
  });

  it('gives the page that ends before a cursor', () => {
    const page = pageOf(ITEMS, { limit: 2, order: 'asc', before: 'i4' });
    expect(ids(page)).toEqual(['i2', 'i3']);
    expect(page.has_more).toBe(true);
  });

  it('walks the whole list once, whatever the page size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.constantFrom('asc' as const, 'desc' as const), (limit, order) => {
        const walked: unknown[] = [];
        let after: string | undefined;
        for (;;) {
          const page = pageOf(ITEMS, { limit, order, after });
          walked.push(...(ids(page) as unknown[]));
          if (page.has_more !== true) break;
          after = String(page.last_id);
        }
        expect(walked).toEqual(order === 'asc' ? ITEMS.map(({ id }) => id) : ITEMS.map(({ id }) => id).toReversed());
      }),
    );
  });

  it('refuses a cursor of another list', () => {
    expect(() => pageOf(ITEMS, { limit: 3, order: 'asc', after: 'nope' })).toThrow(GatewayError);
  });
});

describe('readPage', () => {
  const read = (query: string) => readPage(new URL(`http://x/?${query}`));

  it.each(['limit=1', 'limit=100', 'order=asc', ''])('takes %s', (query) => {
    expect(() => read(query)).not.toThrow();
  });

  it.each(['limit=0', 'limit=101', 'limit=2.5', 'limit=x', 'order=up'])('refuses %s', (query) => {
    expect(() => read(query)).toThrow(GatewayError);
  });
});
