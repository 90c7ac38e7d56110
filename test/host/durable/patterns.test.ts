import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onCoreTools } from '../support/running-host.ts';
import { HostProcess } from './host-process.ts';

const host = new HostProcess();
beforeAll(() => host.start());
afterAll(() => host[Symbol.asyncDispose]());

const completed = (output: unknown) => ({ runtimeStatus: 'Completed', output });

describe('an orchestration', () => {
  it('chains activities', async () => {
    expect(await host.hub.run('chain', 10)).toMatchObject(completed(16));
  });

  it('fans out and in', async () => {
    expect(await host.hub.run('fan-out', { width: 50 })).toMatchObject(completed((49 * 50) / 2));
  });

  it('calls others, and sees what becomes of them', async () => {
    const failure = "Orchestrator function 'child' failed: the child is bad";
    expect(await host.hub.run('parent', null)).toMatchObject(completed(['child of somebody: good', failure]));
  });

  it('gives another one the id that it asks for', async () => {
    expect(await host.hub.run('parent-of', { name: 'chain', id: 'wanted', input: 1 })).toMatchObject(completed(7));
    expect(await host.hub.state('wanted')).toMatchObject({ ...completed(7), name: 'chain', input: 1 });
  });

  it('waits: a timer fires no earlier than asked', async () => {
    expect(await host.hub.run('pause', 80)).toMatchObject(completed(true));
  });

  it('counts up through new executions of itself', async () => {
    expect(await host.hub.run('count-up', { from: 0, to: 12, ms: 1 })).toMatchObject(completed({ reached: 12 }));
  });

  it('ends only when a timer that nobody cancels has fired', async () => {
    const id = await host.hub.start('forgotten-timer', 1200);
    const early = await host.hub.when(id, ({ runtimeStatus }) => runtimeStatus === 'Running');
    expect(await host.hub.end(id)).toMatchObject(completed('early'));
    const ended = await host.hub.state(id);
    expect(Date.parse(ended.lastUpdatedTime)).toBeGreaterThan(Date.parse(early.createdTime));
  });

  it('runs an activity again that is put into a second Task.any, as in Azure', async () => {
    expect(await host.hub.run('race-twice', null, 'twice')).toMatchObject(completed(true));
    expect(host.calls('twice')).toBe(2);
  });

  it('shows a custom status on its way', async () => {
    const id = await host.hub.start('poll', { key: 'x', until: 3, ms: 20 });
    await host.hub.when(id, ({ customStatus }) => customStatus !== null);
    expect(await host.hub.end(id)).toMatchObject({ ...completed({ key: 'x', polls: 3 }), customStatus: { polls: 3 } });
  });

  it('fails when its custom status is over 16 KB', async () => {
    const fits = await host.hub.start('status', 'x'.repeat(8701));
    await host.hub.when(fits, ({ customStatus }) => customStatus !== null);
    expect(await host.hub.run('status', 'x'.repeat(8702))).toMatchObject({
      runtimeStatus: 'Failed',
      output: expect.stringContaining('must not exceed 16 KB') as unknown,
    });
  });
});

describe('a retried call', () => {
  it('succeeds once it can', async () => {
    const output = { call: 2, after: 7 };
    expect(await host.hub.run('retry', { key: 'r1', failures: 2, attempts: 3 })).toMatchObject(completed(output));
  });

  it('gives up after the last attempt', async () => {
    const output = { failed: "Activity function 'flaky' failed: call 2 of r2 fails", after: 7 };
    expect(await host.hub.run('retry', { key: 'r2', failures: 9, attempts: 3 })).toMatchObject(completed(output));
    expect(host.calls('r2')).toBe(3);
  });

  it('may be an orchestration, under one id', async () => {
    const output = await host.hub.run('parent-with-retry', { key: 'r3', failures: 2 });
    expect(output).toMatchObject(completed(2));
    expect(await host.hub.state('r3-child')).toMatchObject(completed(2));
  });

  it.skipIf(onCoreTools)('fails loudly past a retry time-out, of which the SDK knows nothing', async () => {
    expect(await host.hub.run('retry-timeout')).toMatchObject({
      runtimeStatus: 'Failed',
      output: expect.stringContaining('retryTimeoutInMilliseconds (1)') as unknown,
    });
  });
});

describe('a failure', () => {
  it.each([
    ['of the orchestrator', 'throw', "Orchestrator function 'throw' failed: the orchestrator is bad"],
    [
      'of an activity',
      'uncaught',
      "Orchestrator function 'uncaught' failed: Activity function 'fail' failed: the activity is bad",
    ],
    ['because of an unknown activity', 'not-there', "The function 'no-such-activity' doesn't exist"],
    ['because of changing decisions', 'moody', 'Non-Deterministic workflow detected'],
  ])('%s is the output', async (_what, name, message) => {
    expect(await host.hub.run(name, null)).toMatchObject({
      runtimeStatus: 'Failed',
      output: expect.stringContaining(message) as unknown,
    });
  });

  it.skipIf(onCoreTools).each([
    ['count-entity', 'callEntity: this host has no durable entities'],
    ['lock-entity', 'lock: this host has no durable entities'],
  ])('because of an entity names it: %s', async (name, message) => {
    expect(await host.hub.run(name, null)).toMatchObject({
      runtimeStatus: 'Failed',
      output: expect.stringContaining(message) as unknown,
    });
  });
});
