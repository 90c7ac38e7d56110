import { describe, expect, it } from 'vitest';
import { NonDeterministicError } from '../../../../../local/host/durable/shim/plan-turn.ts';
import { activity, asked, completed, event, failed, fired, Rehearsal, raised, started, timer } from './turns.ts';

describe('planning a turn', () => {
  it('starts one action after the other, and asks for nothing twice', () => {
    const run = new Rehearsal();
    const actions = [activity('A'), activity('B')];
    expect(asked(run.turn(actions.slice(0, 1), [started()]))).toEqual(['0 A']);
    const second = run.turn(actions, [completed(0)]);
    expect(asked(second)).toEqual(['1 B']);
    expect(second.openTasks).toBe(1);
    const third = run.turn(actions, [completed(1)]);
    expect(third).toMatchObject({ decisions: [], openTasks: 0 });
  });

  it('goes on behind a task that failed: what becomes of it is the function’s business', () => {
    const run = new Rehearsal();
    run.turn([activity('A')], [started()]);
    expect(asked(run.turn([activity('A'), activity('B')], [failed(0)]))).toEqual(['1 B']);
  });

  it('starts all of a Task.all at once, nested ones too', () => {
    const run = new Rehearsal();
    const all = {
      kind: 'all',
      actions: [activity('A'), { kind: 'all', actions: [activity('B'), activity('C')] }],
    } as const;
    expect(asked(run.turn([all], [started()]))).toEqual(['0 A', '1 B', '2 C']);
    expect(run.turn([all], [completed(0), completed(2)]).openTasks).toBe(1);
    expect(asked(run.turn([all, activity('D')], [completed(1)]))).toEqual(['3 D']);
  });

  it('leaves a Task.all at its first failure, as the SDK does', () => {
    const run = new Rehearsal();
    const all = { kind: 'all', actions: [activity('A'), activity('B')] } as const;
    run.turn([all], [started()]);
    const plan = run.turn([all, activity('C')], [failed(1)]);
    expect(asked(plan)).toEqual(['2 C']);
    expect(plan.openTasks).toBe(2);
  });

  it('counts a losing timer as open until it is cancelled or fires', () => {
    const run = new Rehearsal();
    const race = (cancelled: boolean) => ({ kind: 'any', actions: [activity('A'), timer(50_000, cancelled)] }) as const;
    expect(asked(run.turn([race(false)], [started()]))).toEqual(['0 A', '1 timer']);
    expect(run.turn([race(false)], [completed(0)]).openTasks).toBe(1);
    expect(run.turn([race(true)], [raised('nobody')]).openTasks).toBe(0);
    expect(run.turn([race(false)], [fired(1)]).openTasks).toBe(0);
  });

  it('keeps the numbers when a timer of a race was cancelled later', () => {
    const run = new Rehearsal();
    const race = (cancelled: boolean) => ({ kind: 'any', actions: [event('go'), timer(50_000, cancelled)] }) as const;
    run.turn([race(false)], [started()]);
    run.turn([race(true), activity('A')], [raised('go')]);
    expect(asked(run.turn([race(true), activity('A'), activity('B')], [completed(1)]))).toEqual(['2 B']);
  });

  it('gives a sub-orchestration without an id one of its own', () => {
    const child = { kind: 'sub-orchestration', name: 'child', input: '1', retry: undefined } as const;
    const plan = new Rehearsal().turn([{ ...child, instanceId: undefined, version: '2.0' }], [started()]);
    expect(plan.decisions).toEqual([
      { kind: 'sub-orchestration', number: 0, name: 'child', input: '1', instanceId: 'execution:0', version: '2.0' },
    ]);
  });

  it('refuses a sub-orchestration under the id of its parent', () => {
    const child = { kind: 'sub-orchestration', name: 'child', input: null, retry: undefined } as const;
    expect(() => new Rehearsal().turn([{ ...child, instanceId: 'INSTANCE', version: undefined }], [started()])).toThrow(
      /must be different/,
    );
  });
});

describe('a function that changes its mind', () => {
  it.each([
    ['another activity', [activity('B')]],
    ['another kind of task', [timer(1000)]],
    ['nothing', []],
  ])('is told so: %s', (_what, changed) => {
    const run = new Rehearsal();
    run.turn([activity('A')], [started()]);
    expect(() => run.turn(changed, [completed(0)])).toThrow(NonDeterministicError);
    expect(() => run.turn(changed, [])).toThrow(/recorded TaskScheduled 'A' with sequence number 0/);
  });

  it('may write the name of an activity in another case', () => {
    const run = new Rehearsal();
    run.turn([activity('sayHello')], [started()]);
    expect(asked(run.turn([activity('SayHello'), activity('B')], [completed(0)]))).toEqual(['1 B']);
  });
});
