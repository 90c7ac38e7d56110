import { describe, expect, it } from 'vitest';
import type { Action } from '../../../../../local/host/durable/shim/actions.ts';
import { activity, asked, completed, event, Rehearsal, raised, started } from './turns.ts';

const again: Action = { kind: 'continue-as-new', input: '{}' };

describe('external events', () => {
  it('take no number', () => {
    const run = new Rehearsal();
    expect(run.turn([event('go')], [started()])).toMatchObject({ decisions: [], openTasks: 0 });
    expect(asked(run.turn([event('go'), activity('A')], [raised('go')]))).toEqual(['0 A']);
  });

  it('wait for whoever asks later, first come, first served', () => {
    const run = new Rehearsal();
    run.turn([activity('A')], [started(), raised('go'), raised('go')]);
    const actions = [activity('A'), event('go'), activity('B'), event('go'), activity('C')];
    expect(asked(run.turn(actions.slice(0, 3), [completed(0)]))).toEqual(['1 B']);
    expect(asked(run.turn(actions, [completed(1)]))).toEqual(['2 C']);
  });

  it('are told apart by case', () => {
    const run = new Rehearsal();
    run.turn([event('Go')], [started()]);
    expect(asked(run.turn([event('Go'), activity('A')], [raised('go')]))).toEqual([]);
    expect(asked(run.turn([event('Go'), activity('A')], [raised('Go')]))).toEqual(['0 A']);
  });
});

describe('continue as new', () => {
  it('is reached when the actions before it are over', () => {
    const run = new Rehearsal();
    expect(run.turn([activity('A')], [started()]).continueAsNew).toBeUndefined();
    expect(run.turn([activity('A'), again], [completed(0)]).continueAsNew).toEqual({ input: '{}' });
  });

  it('says which raised events have not been used', () => {
    const run = new Rehearsal();
    run.turn([event('go')], [started(), raised('early')]);
    const { unprocessedEvents } = run.turn([event('go'), again], [raised('go'), raised('late')]);
    expect(unprocessedEvents.early.map(({ Name }) => Name)).toEqual(['early']);
    expect(unprocessedEvents.late.map(({ Name }) => Name)).toEqual(['late']);
  });
});
