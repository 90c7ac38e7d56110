import { describe, expect, it } from 'vitest';
import type { Action } from '../../../../../local/host/durable/shim/actions.ts';
import {
  activity,
  asked,
  completed,
  failed,
  fired,
  Rehearsal,
  retriedActivity,
  SECOND,
  START,
  started,
  timer,
} from './turns.ts';

describe('a retried activity', () => {
  it('is an attempt, a timer, an attempt ..., each with a number', () => {
    const run = new Rehearsal();
    const flaky = [retriedActivity('flaky', 3)];
    expect(asked(run.turn(flaky, [started()]))).toEqual(['0 flaky']);
    expect(run.turn(flaky, [failed(0)]).decisions).toEqual([
      { kind: 'timer', number: 1, fireAt: START + 2 * SECOND + SECOND },
    ]);
    expect(asked(run.turn(flaky, [fired(1)]))).toEqual(['2 flaky']);
    expect(run.turn(flaky, [failed(2)]).decisions).toMatchObject([
      { kind: 'timer', fireAt: START + 4 * SECOND + 2 * SECOND },
    ]);
    run.turn(flaky, [fired(3)]);
    expect(asked(run.turn([...flaky, activity('B')], [completed(4)]))).toEqual(['5 B']);
  });

  it('waits once more behind the last failure', () => {
    const run = new Rehearsal();
    const once = [retriedActivity('flaky', 1), activity('B')];
    run.turn(once, [started()]);
    expect(asked(run.turn(once, [failed(0)]))).toEqual(['1 timer']);
    expect(asked(run.turn(once, [fired(1)]))).toEqual(['2 B']);
  });

  it('fails loudly past its time-out, which the SDK does not know', () => {
    const run = new Rehearsal();
    const retry = { firstDelayMs: 1, maxAttempts: 9, backoff: 1, maxDelayMs: undefined, timeoutMs: SECOND };
    const flaky: Action[] = [{ kind: 'activity', name: 'flaky', input: null, retry }];
    run.turn(flaky, [started()]);
    expect(() => run.turn(flaky, [failed(0)])).toThrow(/retryTimeoutInMilliseconds .* of 'flaky' has passed/);
  });

  it('takes its numbers in the order in which things end', () => {
    const run = new Rehearsal();
    const both: Action[] = [{ kind: 'all', actions: [retriedActivity('A', 3), retriedActivity('B', 3)] }];
    expect(asked(run.turn(both, [started()]))).toEqual(['0 A', '1 B']);
    expect(asked(run.turn(both, [failed(1), failed(0)]))).toEqual(['2 timer', '3 timer']);
    expect(asked(run.turn(both, [fired(3), fired(2)]))).toEqual(['4 A', '5 B']);
  });
});

describe('a timer that is too long', () => {
  it('becomes pieces, cut from the time of the turn', () => {
    const run = new Rehearsal();
    const long = [timer(100 * SECOND)];
    expect(run.turn(long, [started()]).decisions).toEqual([{ kind: 'timer', number: 0, fireAt: START + 31 * SECOND }]);
    expect(run.turn(long, [fired(0)], 32 * SECOND).decisions).toMatchObject([
      { number: 1, fireAt: START + 63 * SECOND },
    ]);
    expect(run.turn(long, [fired(1)], 31 * SECOND).decisions).toMatchObject([
      { number: 2, fireAt: START + 94 * SECOND },
    ]);
    expect(run.turn(long, [fired(2)], 31 * SECOND).decisions).toMatchObject([
      { number: 3, fireAt: START + 100 * SECOND },
    ]);
    expect(asked(run.turn([...long, activity('A')], [fired(3)], 6 * SECOND))).toEqual(['4 A']);
  });
});

describe('callHttp', () => {
  const call = (polling: boolean): Action => ({
    kind: 'http',
    request: {
      method: 'POST',
      uri: 'http://service/start',
      content: 'x',
      headers: { 'X-Functions-Key': 'secret', accept: 'a/b' },
      polling,
    },
  });
  const accepted = (headers: Record<string, string>) => ({ statusCode: 202, headers, content: '' });

  it('polls where a 202 points to, without the first function’s key', () => {
    const run = new Rehearsal();
    expect(asked(run.turn([call(true)], [started()]))).toEqual(['0 BuiltIn::HttpActivity']);
    const waiting = run.turn([call(true)], [completed(0, accepted({ Location: '/status', 'Retry-After': '7' }))]);
    expect(waiting.decisions).toEqual([{ kind: 'timer', number: 1, fireAt: START + 2 * SECOND + 7 * SECOND }]);
    expect(run.turn([call(true)], [fired(1)]).decisions).toMatchObject([
      { number: 2, request: { method: 'GET', uri: 'http://service/status', headers: { accept: 'a/b' } } },
    ]);
    const done = run.turn([call(true), activity('A')], [completed(2, { statusCode: 200, headers: {}, content: '' })]);
    expect(asked(done)).toEqual(['3 A']);
  });

  it('keeps the numbers of several that are polled at once apart', () => {
    const run = new Rehearsal();
    const both: Action[] = [{ kind: 'all', actions: [call(true), call(true)] }];
    run.turn(both, [started()]);
    const answers = [0, 1].map((number) => completed(number, accepted({ location: 'http://service/s' })));
    // The SDK gives each timer and the request behind it neighbouring numbers.
    expect(asked(run.turn(both, answers))).toEqual(['2 timer', '4 timer']);
    expect(asked(run.turn(both, [fired(4), fired(2)]))).toEqual(['3 BuiltIn::HttpActivity', '5 BuiltIn::HttpActivity']);
  });

  it('takes a 202 for an answer when polling is off, or when it points nowhere', () => {
    const off = new Rehearsal();
    off.turn([call(false)], [started()]);
    expect(asked(off.turn([call(false), activity('A')], [completed(0, accepted({ location: '/s' }))]))).toEqual([
      '1 A',
    ]);
    const nowhere = new Rehearsal();
    nowhere.turn([call(true)], [started()]);
    expect(asked(nowhere.turn([call(true), activity('A')], [completed(0, accepted({}))]))).toEqual(['1 A']);
  });
});
