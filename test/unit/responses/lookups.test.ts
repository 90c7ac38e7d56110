import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../../src/errors.ts';
import { Lookups } from '../../../src/responses/lookups.ts';

const keys = (count: number): string[] => Array.from({ length: count }, (_, at) => String(at));

describe('the lookups of one request', () => {
  it('ask for each thing once, a few at a time, and give every answer', async () => {
    let running = 0;
    let most = 0;
    const asked: string[] = [];
    const find = new Lookups().once(async (key) => {
      asked.push(key);
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return `found ${key}`;
    });
    const found = await Promise.all([...keys(100), ...keys(100)].map(find));
    expect(found).toEqual([...keys(100), ...keys(100)].map((key) => `found ${key}`));
    expect(asked).toEqual(keys(100));
    expect(most).toBe(16);
  });

  it('go on after a failure, and are not made any more when the request was refused', async () => {
    const lookups = new Lookups();
    const asked: string[] = [];
    const find = lookups.once(async (key) => {
      asked.push(key);
      await new Promise((resolve) => setImmediate(resolve));
      if (key === '0') throw new Error('none');
      return key;
    });
    const outcomes = await Promise.allSettled(keys(20).map(find));
    expect(outcomes.map(({ status }) => status)).toEqual(
      keys(20).map((key) => (key === '0' ? 'rejected' : 'fulfilled')),
    );
    const more = Promise.allSettled(keys(200).map((key) => find(`more ${key}`)));
    // As many as may begin at once have begun.
    await Promise.resolve();
    lookups.stop();
    expect((await more).filter(({ status }) => status === 'rejected')).toHaveLength(200 - 16);
    expect(asked).toHaveLength(20 + 16);
  });

  it('put no more into a body than it may hold', () => {
    const lookups = new Lookups();
    for (let megabytes = 0; megabytes < 100; megabytes += 10) lookups.take(10 * 1024 * 1024);
    expect(() => lookups.take(1)).toThrow(GatewayError);
  });
});
