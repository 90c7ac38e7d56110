import { setImmediate as loopTurn, setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Scheduler, type SchedulerOptions } from '../../../../../local/host/durable/engine/scheduler.ts';

const task = (id: number) => ({
  id,
  instanceId: 'a',
  executionId: 'x',
  taskId: id,
  name: 'test',
  input: null,
  httpRequest: null,
});

function scheduler(options: Partial<SchedulerOptions>): Scheduler {
  return new Scheduler({
    maxTurns: 10,
    maxActivities: 10,
    runTurn: () => Promise.resolve('over'),
    runActivity: () => Promise.resolve(true),
    log: () => undefined,
    ...options,
  });
}

async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + 5000;
  while (!condition()) {
    if (performance.now() > end) throw new Error('Waited in vain.');
    await sleep(1);
  }
}

describe('turns', () => {
  it('of one orchestration never overlap, and none is forgotten', async () => {
    let running = 0;
    let turns = 0;
    let woken = false;
    const under = scheduler({
      runTurn: async () => {
        running += 1;
        expect(running).toBe(1);
        if (!woken) under.wake('a');
        woken = true;
        await sleep(5);
        running -= 1;
        turns += 1;
        return 'over';
      },
    });
    under.wake('a');
    await until(() => turns === 2);
    await under.stop(0);
  });

  it('of several run at once, up to the limit', async () => {
    let running = 0;
    let most = 0;
    let turns = 0;
    const under = scheduler({
      maxTurns: 3,
      runTurn: async () => {
        running += 1;
        most = Math.max(most, running);
        await sleep(5);
        running -= 1;
        turns += 1;
        return 'over';
      },
    });
    for (let id = 0; id < 10; id += 1) under.wake(String(id));
    await until(() => turns === 10);
    expect(most).toBe(3);
    await under.stop(0);
  });

  it('leave the event loop its turn in between', async () => {
    let turns = 0;
    const under = scheduler({ runTurn: () => Promise.resolve((turns += 1) > 0 ? 'over' : 'again') });
    for (let id = 0; id < 100; id += 1) under.wake(String(id));
    await loopTurn();
    await loopTurn();
    expect(turns).toBeLessThan(10);
    await until(() => turns === 100);
    await under.stop(0);
  });

  it('run again when they could not be finished', async () => {
    const logged: string[] = [];
    let turns = 0;
    const under = scheduler({
      log: (_level, _category, message) => logged.push(message),
      runTurn: () => {
        turns += 1;
        if (turns === 1) return Promise.reject(new Error('the disk is full'));
        return Promise.resolve(turns > 2 ? 'over' : 'again');
      },
    });
    under.wake('a');
    await until(() => turns === 3);
    expect(logged.join()).toMatch(/^Orchestration a: .*the disk is full/s);
    await under.stop(0);
  });
});

describe('times', () => {
  it('are all kept, however close', async () => {
    const seen = new Set<string>();
    const under = scheduler({ runTurn: (id) => Promise.resolve(seen.add(id).size > 0 ? 'over' : 'again') });
    const now = Date.now();
    for (let id = 0; id < 500; id += 1) under.wakeAt(now + (id % 20), String(id));
    await until(() => seen.size === 500);
    await under.stop(0);
  });

  it('far away do not fire at once', async () => {
    let turns = 0;
    const under = scheduler({ runTurn: () => Promise.resolve((turns += 1) > 0 ? 'over' : 'again') });
    under.wakeAt(Date.now() + 2 ** 33, 'a');
    under.wakeAt(Date.now() + 5, 'b');
    await until(() => turns === 1);
    await sleep(20);
    expect(turns).toBe(1);
    await under.stop(0);
  });
});

describe('stop', () => {
  it('starts nothing more and waits for what runs', async () => {
    const ended: number[] = [];
    const under = scheduler({
      maxActivities: 1,
      runActivity: async ({ id }) => {
        await sleep(20);
        ended.push(id);
        return true;
      },
    });
    under.addActivities([task(1), task(2)]);
    await loopTurn();
    await loopTurn();
    await under.stop(5000);
    expect(ended).toEqual([1]);
  });

  it('does not wait for ever, and tells what still runs that it is too late', async () => {
    let late: AbortSignal | undefined;
    const under = scheduler({
      runActivity: (_task, signal) => {
        late = signal;
        return new Promise(() => undefined);
      },
    });
    under.addActivities([task(1)]);
    await until(() => late !== undefined);
    expect(late?.aborted).toBe(false);
    await under.stop(10);
    expect(late?.aborted).toBe(true);
  });
});
