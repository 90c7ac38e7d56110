import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chainOf, isOwnItemId, newChainId, newItemId, newResponseId } from '../../../src/platform/ids.ts';

describe('response ids', () => {
  it('carry their chain', () => {
    const chainId = newChainId();
    expect(chainOf(newResponseId(chainId))).toBe(chainId);
  });

  it.each([
    '',
    'resp_1',
    'resp_' + 'g'.repeat(48),
    'resp_' + 'a'.repeat(47),
    'resp_' + 'a'.repeat(49),
    `resp_${'A'.repeat(48)}`,
    '../x',
  ])('of another make have no chain: %s', (id) => {
    expect(chainOf(id)).toBeUndefined();
  });

  it('of anything else have no chain that would be no key: hex and nothing more', () => {
    const digits = fc.string({ unit: fc.constantFrom('0', '7', 'a', 'f'), minLength: 47, maxLength: 49 });
    const around = fc.constantFrom('', '', '', '/', 'G', '\n', '%00', ' ');
    const almost = fc.tuple(around, fc.constantFrom('resp_', 'RESP_', ''), digits, around);
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          almost.map((parts) => parts.join('')),
        ),
        (id) => {
          const chain = chainOf(id);
          if (chain !== undefined) expect(`${chain} ${id}`).toMatch(/^([0-9a-f]{24}) resp_\1[0-9a-f]{24}$/);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

describe('item ids', () => {
  it('of ours are told from those of the service', () => {
    expect(isOwnItemId(newItemId('msg'))).toBe(true);
    expect(isOwnItemId(`msg_${'a'.repeat(48)}`)).toBe(false);
  });
});
