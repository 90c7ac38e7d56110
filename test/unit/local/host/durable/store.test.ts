import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EventType, historyEvent } from '../../../../../local/host/durable/history-event.ts';
import type { Instance } from '../../../../../local/host/durable/store/records.ts';
import { Store } from '../../../../../local/host/durable/store/store.ts';

let folder: string;
let file: string;
let store: Store;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'task-hub-'));
  file = join(folder, 'hub.sqlite');
  store = new Store(file);
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const instance = (instanceId: string, change: Partial<Instance> = {}): Instance => ({
  instanceId,
  executionId: 'execution',
  name: 'test',
  version: null,
  input: '{"a":1}',
  output: null,
  customStatus: null,
  status: 'Running',
  createdAt: 1000,
  updatedAt: 1000,
  parent: null,
  ...change,
});
const raised = (name: string) => historyEvent(EventType.EventRaised, 0, { Name: name, Input: 'null' });
const task = { instanceId: 'a', executionId: 'execution', taskId: 3, name: 'echo', input: '1', httpRequest: null };
const names = (instanceId: string, now: number) =>
  store.dueMessages(instanceId, now).map(({ event }) => (JSON.parse(event) as { Name: string }).Name);

describe('a task hub', () => {
  it('keeps all of a transaction or nothing', () => {
    expect(() =>
      store.transaction(() => {
        store.insertInstance(instance('a'));
        store.send('a', null, 0, raised('go'));
        throw new Error('half-way');
      }),
    ).toThrow('half-way');
    expect(store.instance('a')).toBeUndefined();
    expect(store.wakeTimes()).toEqual([]);
  });

  it('gives back an instance as it was written, and changes only what is said', () => {
    const parent = { instanceId: 'p', executionId: 'x', taskId: 4 };
    store.insertInstance(instance('a', { parent, version: '2' }));
    store.updateInstance('a', 2000, { status: 'Completed', output: '"done"' });
    expect(store.instance('a')).toEqual(
      instance('a', { parent, version: '2', status: 'Completed', output: '"done"', updatedAt: 2000 }),
    );
    store.updateInstance('a', 3000, { customStatus: null, output: null });
    expect(store.instance('a')).toMatchObject({ output: null, status: 'Completed', updatedAt: 3000 });
  });

  it('shows messages when they are due, by time and arrival', () => {
    store.send('a', null, 20, raised('later'));
    store.send('a', null, 10, raised('first'));
    store.send('a', null, 10, raised('second'));
    store.send('b', null, 10, raised('of another'));
    expect(names('a', 9)).toEqual([]);
    expect(names('a', 19)).toEqual(['first', 'second']);
    expect(names('a', 20)).toEqual(['first', 'second', 'later']);
    store.dropMessages([store.dueMessages('a', 10)[0]!.id]);
    expect(names('a', 20)).toEqual(['second', 'later']);
  });

  it('knows which messages belong to an execution that is over', () => {
    store.send('a', 'old', 0, raised('timer of the old one'));
    store.send('a', null, 0, raised('for whoever is current'));
    store.dropMessagesOfExecution('a', 'old');
    expect(names('a', 0)).toEqual(['for whoever is current']);
  });

  it('keeps the order of a history', () => {
    const events = ['first', 'second', 'third'].map(raised);
    store.appendHistory('a', 0, events.slice(0, 2));
    store.appendHistory('a', 2, events.slice(2));
    expect(store.history('a')).toEqual(events);
    store.clearHistory('a');
    expect(store.history('a')).toEqual([]);
  });

  it('lets a task end once', () => {
    const { id } = store.addTask(task);
    expect(store.tasks()).toEqual([{ ...task, id }]);
    expect([store.dropTask(id), store.dropTask(id), store.hasTask(id)]).toEqual([true, false, false]);
  });

  it('forgets all of an instance', () => {
    store.insertInstance(instance('a'));
    store.appendHistory('a', 0, [raised('go')]);
    store.send('a', null, 0, raised('go'));
    store.addTask(task);
    store.purge('a');
    expect([store.instance('a'), store.history('a'), store.wakeTimes(), store.tasks()]).toEqual([
      undefined,
      [],
      [],
      [],
    ]);
  });

  it('is the same behind a new start', () => {
    store.insertInstance(instance('a'));
    store.send('a', null, 7, raised('go'));
    store.addTask(task);
    store.close();
    store = new Store(file);
    expect(store.instance('a')).toEqual(instance('a'));
    expect(store.wakeTimes()).toEqual([{ instanceId: 'a', at: 7 }]);
    expect(store.tasks()).toHaveLength(1);
  });

  it('takes any text', () => {
    const output = JSON.stringify(`ünï 🎉 "quoted" \u0000 '; DROP TABLE instances; --`);
    store.insertInstance(instance("it's", { output }));
    expect(store.instance("it's")).toMatchObject({ output });
    expect(store.page({ top: 10, idPrefix: "it'" })).toHaveLength(1);
    expect(store.page({ top: 10, idPrefix: '%' })).toHaveLength(0);
  });
});

describe('the file of a task hub', () => {
  it('belongs to one host at a time', { timeout: 20_000 }, () => {
    expect(() => new Store(file)).toThrow(/Another host is using the task hub/);
  });

  it('of another version is refused', () => {
    store.close();
    const database = new DatabaseSync(file);
    database.exec('PRAGMA user_version = 99');
    database.close();
    expect(() => new Store(file)).toThrow(/written by another version of this host/);
  });
});
