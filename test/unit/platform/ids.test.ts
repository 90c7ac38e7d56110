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
});

describe('item ids', () => {
  it('of ours are told from those of the service', () => {
    expect(isOwnItemId(newItemId('msg'))).toBe(true);
    expect(isOwnItemId(`msg_${'a'.repeat(48)}`)).toBe(false);
  });
});
