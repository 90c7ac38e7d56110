import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onCoreTools } from '../support/running-host.ts';
import { HostProcess } from './host-process.ts';

const host = new HostProcess();
beforeAll(() => host.start());
afterAll(() => host[Symbol.asyncDispose]());

/** Calls a method of the SDK's client in the app: its result, or the message of what it threw. */
async function client(method: string, id = '', argument = ''): Promise<unknown> {
  const query = `argument=${encodeURIComponent(argument)}`;
  const answer = await fetch(`${host.address}/client/${method}/${id}?${query}`, { method: 'POST' });
  const text = await answer.text();
  return answer.ok && text !== '' ? JSON.parse(text) : text;
}

const waiting = (id: string) => host.hub.start('collect', { event: 'go', count: 1 }, id);

describe('the SDK’s client', () => {
  it('starts, and hands out links to the address that it was called at', async () => {
    const answer = await fetch(`${host.address}/start/chain?id=from-client`, { method: 'POST', body: '1' });
    expect(answer.status).toBe(202);
    const { id, statusQueryGetUri } = (await answer.json()) as Record<string, string>;
    expect(id).toBe('from-client');
    expect(statusQueryGetUri?.startsWith(host.address)).toBe(true);
    await host.hub.end('from-client');
    expect(await (await fetch(statusQueryGetUri ?? '')).json()).toMatchObject({ output: 7 });
  });

  // Microsoft's host takes a start of what the app does not have.
  it.skipIf(onCoreTools)('is told why a start is refused', async () => {
    const answer = await fetch(`${host.address}/start/nobody`, { method: 'POST' });
    expect(answer.status).toBe(500);
    expect(host.log).toMatch(/The function 'nobody' doesn't exist/);
  });

  it('waits for the end, or gives links when that takes too long', async () => {
    const done = await fetch(`${host.address}/wait/chain?ms=10000`, { method: 'POST', body: '1' });
    expect([done.status, await done.json()]).toEqual([200, 7]);
    const failed = await fetch(`${host.address}/wait/throw?ms=10000`, { method: 'POST', body: '1' });
    expect(failed.status).toBe(500);
    const body = JSON.stringify({ event: 'go', count: 1 });
    expect((await fetch(`${host.address}/wait/collect?ms=60`, { method: 'POST', body })).status).toBe(202);
  });

  it('reads states: one, all, and by filter over several pages', async () => {
    await host.hub.run('chain', 1, 'read');
    expect(await client('getStatus', 'read')).toMatchObject({ name: 'chain', input: 1, output: 7 });
    expect(await client('getStatus', 'nobody')).toMatch(/could not find any data/);
    const ids = Array.from({ length: 120 }, (_, index) => `throw-${index}`);
    await Promise.all(ids.map((id) => host.hub.start('throw', null, id)));
    await host.hub.allEnded('throw-');
    const failed = (await client('getFailed')) as { instanceId: string }[];
    expect(failed.map(({ instanceId }) => instanceId)).toEqual(expect.arrayContaining(ids));
    expect(await client('getStatusAll')).toContainEqual(expect.objectContaining({ instanceId: 'read' }));
  });

  it('raises events', async () => {
    await waiting('to-raise');
    await client('raiseEvent', 'to-raise', 'go');
    expect(await host.hub.end('to-raise')).toMatchObject({ output: [{ from: 'the client' }] });
    expect(await client('raiseEvent', 'nobody', 'go')).toBe("No instance with ID 'nobody' found.");
  });

  it('suspends, resumes and terminates', async () => {
    await waiting('to-steer');
    await client('suspend', 'to-steer', 'wait a little');
    await host.hub.when('to-steer', ({ runtimeStatus }) => runtimeStatus === 'Suspended');
    await client('resume', 'to-steer', 'go on');
    await host.hub.when('to-steer', ({ runtimeStatus }) => runtimeStatus === 'Running');
    await client('terminate', 'to-steer', 'enough of it');
    expect(await host.hub.end('to-steer')).toMatchObject({ runtimeStatus: 'Terminated', output: 'enough of it' });
  });

  it('purges', async () => {
    await host.hub.run('chain', 1, 'to-purge');
    expect(await client('purge', 'to-purge')).toEqual({ instancesDeleted: 1 });
    expect(await client('purge', 'to-purge')).toEqual({ instancesDeleted: 0 });
    await host.hub.run('chain', 1, 'to-purge');
    expect(await client('purgeAll')).toMatchObject({ instancesDeleted: expect.any(Number) as unknown });
    expect(await client('getStatus', 'to-purge')).toMatch(/could not find any data/);
  });

  it.skipIf(onCoreTools)('is told in words what this host does not do', async () => {
    const { instanceId } = await host.hub.run('throw');
    expect(await client('rewind', instanceId, 'x')).toMatch(/does not rewind/);
    expect(await client('readEntityState')).toMatch(/501.*no durable entities/);
    expect(await client('signalEntity')).toMatch(/501.*no durable entities/);
  });

  it.skipIf(onCoreTools)('hands out the public links for an id', async () => {
    expect(await client('links', 'some-id')).toMatchObject({
      id: 'some-id',
      statusQueryGetUri: expect.stringMatching(
        /^http:\/\/127\.0\.0\.1:\d+\/runtime\/webhooks\/durabletask\/instances\/some-id\?taskHub=DurableExample&connection=Storage$/,
      ) as unknown,
    });
  });
});
