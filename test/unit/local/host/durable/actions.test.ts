import { describe, expect, it } from 'vitest';
import { parseOrchestratorState, UnsupportedActionError } from '../../../../../local/host/durable/shim/actions.ts';

const parse = (...actions: unknown[]) => parseOrchestratorState({ isDone: false, actions: [actions] }).actions;

describe('reading the SDK’s answer', () => {
  it('keeps inputs as JSON text', () => {
    expect(
      parse(
        { actionType: 0, functionName: 'A', input: { a: [1] } },
        { actionType: 0, functionName: 'B', input: '"text"' },
        { actionType: 0, functionName: 'C' },
      ),
    ).toMatchObject([{ input: '{"a":[1]}' }, { input: '"\\"text\\""' }, { input: null }]);
  });

  it('reads nested tasks', () => {
    const inner = [
      { actionType: 6, externalEventName: 'go' },
      { actionType: 5, fireAt: '2026-01-01T00:00:00.000Z' },
    ];
    expect(parse({ actionType: 12, compoundActions: [{ actionType: 11, compoundActions: inner }] })).toEqual([
      {
        kind: 'all',
        actions: [
          {
            kind: 'any',
            actions: [
              { kind: 'event', name: 'go' },
              { kind: 'timer', fireAt: Date.UTC(2026, 0, 1), cancelled: false },
            ],
          },
        ],
      },
    ]);
  });

  it('reads the end of the function', () => {
    const state = { isDone: true, actions: [[]], output: { a: 1 }, customStatus: 'half', schemaVersion: 3 };
    expect(parseOrchestratorState(state)).toEqual({
      isDone: true,
      actions: [],
      output: '{"a":1}',
      error: undefined,
      customStatus: '"half"',
    });
  });

  it.each([
    [7, 'callEntity'],
    [9, 'signalEntity'],
    [13, 'lock'],
  ])('refuses action type %i by name', (actionType, name) => {
    expect(() => parse({ actionType })).toThrow(`${name}: this host has no durable entities.`);
  });

  it.each([
    ['an unknown action', { actionType: 99 }],
    ['a timer without a date', { actionType: 5, fireAt: 'soon' }],
    ['no action at all', 'x'],
  ])('refuses %s', (_what, action) => {
    expect(() => parse(action)).toThrow(UnsupportedActionError);
  });

  it('says what to do when the function is no orchestrator of the SDK', () => {
    expect(() => parseOrchestratorState('done')).toThrow(/df\.app\.orchestration/);
  });
});
