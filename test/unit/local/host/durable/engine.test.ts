import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppRestarted } from '../../../../../local/host/core/in-flight.ts';
import type { FunctionApp, HostLog } from '../../../../../local/host/core/types.ts';
import { Engine } from '../../../../../local/host/durable/engine/engine.ts';
import { parseDurableSettings } from '../../../../../local/host/durable/settings.ts';
import { Store } from '../../../../../local/host/durable/store/store.ts';
import { asksFor, callActivity, fakeApp, gate, returns } from './fake-app.ts';

let folder: string;
let store: Store;
let logged: string[];
beforeEach(() => {
  logged = [];
  folder = mkdtempSync(join(tmpdir(), 'durable-engine-'));
  store = new Store(join(folder, 'hub.sqlite'));
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

function engineOf(app: FunctionApp, section: Record<string, unknown> = {}): Engine {
  const { settings } = parseDurableSettings(section);
  const log: HostLog = (_level, _category, message) => logged.push(message);
  const engine = new Engine({ app, store, settings, deliverOutputs: () => Promise.resolve(), log });
  engine.start();
  return engine;
}

async function ended(engine: Engine, id: string): Promise<unknown> {
  const instance = await engine.whenFinished(id, 5000);
  return { status: instance?.status, output: instance?.output };
}

const start = (engine: Engine, name: string, id: string): string =>
  engine.startOrchestration({ name, instanceId: id, input: null });

describe('while an orchestrator function runs', () => {
  it('its orchestration may be purged: nothing of the turn is kept', async () => {
    const [running, go] = [gate(), gate()];
    const app = fakeApp({
      slow: async () => {
        running.open();
        await go.opened;
        return asksFor(callActivity('work'));
      },
    });
    const engine = engineOf(app);
    start(engine, 'slow', 'a');
    await running.opened;
    engine.purge(['a']);
    go.open();
    await engine.stop();
    expect([store.instance('a'), store.history('a'), store.tasks(), store.wakeTimes()]).toEqual([
      undefined,
      [],
      [],
      [],
    ]);
  });

  it('its orchestration may be replaced: the new one keeps its own history', async () => {
    const [running, go] = [gate(), gate()];
    let calls = 0;
    const app = fakeApp({
      slow: async () => {
        calls += 1;
        if (calls > 1) return returns('new');
        running.open();
        await go.opened;
        return returns('old');
      },
    });
    const engine = engineOf(app, { overridableExistingInstanceStates: 'AnyState' });
    start(engine, 'slow', 'a');
    await running.opened;
    start(engine, 'slow', 'a');
    go.open();
    expect(await ended(engine, 'a')).toEqual({ status: 'Completed', output: '"new"' });
    expect(store.history('a')).toHaveLength(4);
    await engine.stop();
  });

  it('the app may be restarted: the turn is taken again', async () => {
    let calls = 0;
    const app = fakeApp({
      interrupted: () => {
        calls += 1;
        if (calls === 1) throw new AppRestarted('while it ran');
        return returns(calls);
      },
    });
    const engine = engineOf(app);
    start(engine, 'interrupted', 'a');
    expect(await ended(engine, 'a')).toEqual({ status: 'Completed', output: '2' });
    await engine.stop();
  });
});

describe('while an activity runs', () => {
  const withActivity = (work: () => unknown) => fakeApp({ calls: () => asksFor(callActivity('work')) }, { work });

  it('its orchestration may be purged: its end reaches nobody', async () => {
    const [running, go] = [gate(), gate()];
    const engine = engineOf(
      withActivity(async () => {
        running.open();
        await go.opened;
      }),
    );
    start(engine, 'calls', 'a');
    await running.opened;
    engine.purge(['a']);
    go.open();
    await engine.stop();
    expect(store.wakeTimes()).toEqual([]);
  });

  it('the host may stop: an end that comes too late is left to the next start', async () => {
    const [running, go] = [gate(), gate()];
    const engine = engineOf(
      withActivity(async () => {
        running.open();
        await go.opened;
      }),
    );
    start(engine, 'calls', 'a');
    await running.opened;
    await engine.stop();
    store.close();
    go.open();
    await sleep(10);
    store = new Store(join(folder, 'hub.sqlite'));
    expect(store.tasks()).toMatchObject([{ instanceId: 'a', name: 'work' }]);
    expect(logged).toEqual([]);
  });
});

describe('a sub-orchestration', () => {
  const child = { actionType: 2, functionName: 'child', instanceId: 'taken' };
  const app = fakeApp({
    child: () => asksFor({ actionType: 6, externalEventName: 'go' }),
    parent: ({ triggerInput }) => {
      const failed = JSON.stringify(triggerInput).includes('"Reason":"An Orchestration instance with the status');
      return failed ? returns('refused', child) : asksFor(child);
    },
  });

  it('under the id of a running orchestration fails, and leaves that one alone', async () => {
    const engine = engineOf(app);
    start(engine, 'child', 'taken');
    start(engine, 'parent', 'a');
    expect(await ended(engine, 'a')).toEqual({ status: 'Completed', output: '"refused"' });
    expect(store.instance('taken')).toMatchObject({ status: 'Running', parent: null });
    await engine.stop();
  });
});

describe('an instance whose orchestrator is gone', () => {
  it('fails, and names those that are there', async () => {
    const before = engineOf(fakeApp({ old: () => asksFor({ actionType: 6, externalEventName: 'go' }) }));
    start(before, 'old', 'a');
    while (store.instance('a')?.status !== 'Running') await sleep(1);
    await before.stop();
    const after = engineOf(fakeApp({ renamed: () => returns(1) }));
    after.raiseEvent('a', 'go', 'null');
    expect(await ended(after, 'a')).toEqual({
      status: 'Failed',
      output: `The function 'old' doesn't exist, is disabled, or is not an orchestrator function. Additional info: The following are the known orchestrator functions: 'renamed'.`,
    });
    await after.stop();
  });
});
