import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { runResponse, RUN_RESPONSE } from '../../src/background/orchestrator.ts';
import { analyseDocument, ANALYSE_DOCUMENT } from '../../src/documents/orchestrator.ts';
import { readRecording, replay, type OrchestratorFunction, type Recording } from './replay.ts';

const FUNCTIONS: Readonly<Record<string, OrchestratorFunction>> = {
  [RUN_RESPONSE]: runResponse,
  [ANALYSE_DOCUMENT]: analyseDocument,
};
const FOLDER = join(import.meta.dirname, '../recordings/orchestrators');
const recordings = readdirSync(FOLDER).map((file) => ({ file, ...readRecording(join(FOLDER, file)) }));

const TASK_COMPLETED = 5;
const TASK_FAILED = 6;
const TIMER_FIRED = 11;
const state = z.object({ isDone: z.boolean(), actions: z.array(z.array(z.unknown())), customStatus: z.unknown() });

const replayed = async (recording: Recording): Promise<z.infer<typeof state>> => {
  const fn = FUNCTIONS[recording.name];
  if (fn === undefined)
    throw new Error(`There is no orchestrator ${recording.name} any more: its instances would be stuck.`);
  return state.parse(await replay(fn, recording));
};

describe('recorded histories', () => {
  it('are there for every orchestrator', () => {
    expect(new Set(recordings.map(({ name }) => name))).toEqual(new Set(Object.keys(FUNCTIONS)));
  });

  it.each(recordings)('$file: the code of today decides as the code that was recorded', async (recording) => {
    expect(await replayed(recording)).toEqual(state.parse(recording.decided));
  });

  it.each(recordings)('$file: nothing over 4 KiB crosses the boundary of an activity', ({ history }) => {
    for (const event of history) {
      for (const part of [event.Input, event.Result])
        expect(Buffer.byteLength(JSON.stringify(part ?? ''))).toBeLessThan(4_096);
    }
  });
});

describe('the loop', () => {
  const whole = recordings.find(({ name, about }) => name === RUN_RESPONSE && about === 'completed');

  it.each(Object.keys(FUNCTIONS))('%s goes on after a step that was cut off', async (loop) => {
    const recorded = recordings.find(({ name }) => name === loop);
    if (recorded === undefined) throw new Error('The recording is missing.');
    const at = recorded.history.findIndex(({ EventType }) => EventType === TASK_COMPLETED);
    const history = recorded.history
      .slice(0, at + 1)
      .map((event, index) =>
        index === at
          ? { ...event, EventType: TASK_FAILED, Result: undefined, Reason: 'timed out', Details: '' }
          : event,
      );
    const after = await replayed({ ...recorded, history });
    expect(after.isDone).toBe(false);
    expect(after.actions.flat()).toHaveLength(2);
    expect(after.customStatus).toContain('cut off');
  });

  it('starts a new history after fifty rounds', async () => {
    if (whole === undefined) throw new Error('The recording is missing.');
    expect(await fiftyRounds(whole)).toMatchObject({ isDone: true });
  });
});

/** Repeats the first round of a recording, with the numbers that the host would give. */
async function fiftyRounds(whole: Recording): Promise<z.infer<typeof state>> {
  const firstTimer = whole.history.findIndex(({ EventType }) => EventType === TIMER_FIRED);
  const [start, round] = [whole.history.slice(0, 2), whole.history.slice(2, firstTimer + 1)];
  const renumber = (event: Record<string, unknown>, turn: number): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(event).map(([key, value]) =>
        ['EventId', 'TaskScheduledId', 'TimerId'].includes(key) && typeof value === 'number' && value >= 0
          ? [key, value + 2 * turn]
          : [key, value],
      ),
    );
  const history = [
    ...start,
    ...Array.from({ length: 50 }, (_, turn) => round.map((event) => renumber(event, turn))).flat(),
  ];
  return replayed({ ...whole, history });
}
