import { describe, expect, it } from 'vitest';
import { continuationToken, fromContinuationToken, Query } from '../../../../../local/host/durable/management/query.ts';

const query = (text: string) => new Query(new URLSearchParams(text));

describe('the query of a management call', () => {
  it('ignores the case of names', () => {
    expect(query('SHOWINPUT=False').flag('showInput', true)).toBe(false);
    expect(query('Reason=x').text('reason')).toBe('x');
  });

  it('falls back where a value is missing or makes no sense', () => {
    expect(query('showInput=maybe').flag('showInput', true)).toBe(true);
    expect(query('showHistory=maybe').flag('showHistory', false)).toBe(false);
    expect([
      query('').pageSize(),
      query('top=0').pageSize(),
      query('top=x').pageSize(),
      query('top=7').pageSize(),
    ]).toEqual([100, 100, 100, 7]);
    expect(query('createdTimeFrom=soon').time('createdTimeFrom')).toBeUndefined();
    expect(query('timeout=').number('timeout')).toBeUndefined();
  });

  it('reads lists with commas and repetitions, and ignores unknown states', () => {
    expect(query('runtimeStatus=Failed, Completed&runtimeStatus=Running,Lost').instanceFilter().statuses).toEqual([
      'Failed',
      'Completed',
      'Running',
    ]);
  });

  it('goes on where the last page ended', () => {
    expect(fromContinuationToken(continuationToken('ünï/id'))).toBe('ünï/id');
    expect(fromContinuationToken('')).toBeUndefined();
    expect(fromContinuationToken(undefined)).toBeUndefined();
  });
});
