import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onCoreTools } from '../support/running-host.ts';
import { HostProcess } from './host-process.ts';

const host = new HostProcess();
beforeAll(() => host.start());
afterAll(() => host[Symbol.asyncDispose]());

const post = async (path: string): Promise<number> => (await host.hub.call('POST', `instances/${path}`)).status;

async function waiting(): Promise<string> {
  const id = await host.hub.start('collect', { event: 'go', count: 1 });
  await host.hub.when(id, ({ runtimeStatus }) => runtimeStatus === 'Running');
  return id;
}

describe('terminate', () => {
  it('ends an orchestration, with the reason as its output', async () => {
    const id = await waiting();
    expect(await post(`${id}/terminate?reason=enough`)).toBe(202);
    expect(await host.hub.end(id)).toMatchObject({ runtimeStatus: 'Terminated', output: 'enough' });
    expect(await post(`${id}/terminate`)).toBe(410);
  });

  it('does not run the function once more, and leaves its children alone', async () => {
    const { hub } = host;
    const id = await hub.start('count-runs', null, 'terminated');
    await hub.when(id, ({ runtimeStatus }) => runtimeStatus === 'Running');
    await post(`${id}/terminate?reason=x`);
    await hub.end(id);
    expect(host.calls(id)).toBe(1);
    const child = { name: 'collect', id: 'orphan', input: { event: 'go', count: 1 } };
    const parent = await hub.start('parent-of', child);
    await hub.when('orphan', ({ runtimeStatus }) => runtimeStatus === 'Running');
    await post(`${parent}/terminate?reason=x`);
    await hub.end(parent);
    await hub.raise('orphan', 'go', 1);
    expect(await hub.end('orphan')).toMatchObject({ runtimeStatus: 'Completed', output: [1] });
  });

  it('fails the parent’s call', async () => {
    const parent = await host.hub.start('parent-of', {
      name: 'collect',
      id: 'to-terminate',
      input: { event: 'go', count: 1 },
    });
    await host.hub.when('to-terminate', ({ runtimeStatus }) => runtimeStatus === 'Running');
    await post('to-terminate/terminate?reason=enough');
    const output = expect.stringContaining('enough') as unknown;
    expect(await host.hub.end(parent)).toMatchObject({ runtimeStatus: 'Failed', output });
  });
});

describe('suspend', () => {
  it('holds back what arrives until resume', async () => {
    const id = await waiting();
    expect(await post(`${id}/suspend?reason=wait`)).toBe(202);
    await host.hub.when(id, ({ runtimeStatus }) => runtimeStatus === 'Suspended');
    await host.hub.raise(id, 'go', 'held back');
    expect(await post(`${id}/suspend`)).toBe(500);
    expect(await host.hub.state(id)).toMatchObject({ runtimeStatus: 'Suspended' });
    expect(await post(`${id}/resume?reason=on`)).toBe(202);
    expect(await host.hub.end(id)).toMatchObject({ runtimeStatus: 'Completed', output: ['held back'] });
  });

  it.skipIf(onCoreTools)('outlives a restart of the host', async () => {
    const id = await waiting();
    await post(`${id}/suspend`);
    await host.hub.when(id, ({ runtimeStatus }) => runtimeStatus === 'Suspended');
    await host.hub.raise(id, 'go', 'held back');
    await host.stop();
    await host.start();
    expect(await host.hub.state(id)).toMatchObject({ runtimeStatus: 'Suspended' });
    await post(`${id}/resume`);
    expect(await host.hub.end(id)).toMatchObject({ output: ['held back'] });
  });

  it('does not stop terminate', async () => {
    const id = await waiting();
    await post(`${id}/suspend`);
    await host.hub.when(id, ({ runtimeStatus }) => runtimeStatus === 'Suspended');
    await post(`${id}/terminate?reason=x`);
    expect(await host.hub.end(id)).toMatchObject({ runtimeStatus: 'Terminated' });
  });

  it('is undone only where it was done', async () => {
    expect(await post(`${await waiting()}/resume`)).toBe(500);
  });
});

describe('restart', () => {
  it('runs the same input again under a new id', async () => {
    const first = await host.hub.run('chain', 1);
    const answer = await host.hub.call('POST', `instances/${first.instanceId}/restart`);
    expect(answer.status).toBe(202);
    const { id } = (await answer.json()) as { id: string };
    expect(id).not.toBe(first.instanceId);
    expect(await host.hub.end(id)).toMatchObject({ name: 'chain', input: 1, output: 7 });
  });

  it('replaces a finished one under its own id, but not a running one', async () => {
    const { instanceId } = await host.hub.run('chain', 2);
    expect(await post(`${instanceId}/restart?restartWithNewInstanceId=false`)).toBe(202);
    expect(await host.hub.end(instanceId)).toMatchObject({ output: 8 });
    expect(await post(`${await waiting()}/restart?restartWithNewInstanceId=false`)).toBe(409);
    expect(await post('nobody/restart')).toBe(400);
  });
});

describe.skipIf(onCoreTools)('rewind', () => {
  it('is refused in words', async () => {
    const { instanceId } = await host.hub.run('throw');
    const answer = await host.hub.call('POST', `instances/${instanceId}/rewind?reason=x`);
    expect(answer.status).toBe(501);
    expect(await answer.json()).toMatch(/does not rewind/);
    expect(await post(`${await waiting()}/rewind`)).toBe(412);
    expect(await post('nobody/rewind')).toBe(404);
  });
});

describe('purge', () => {
  it('leaves nothing behind', async () => {
    const { instanceId } = await host.hub.run('chain', 1);
    const answer = await host.hub.call('DELETE', `instances/${instanceId}`);
    expect(await answer.json()).toEqual({ instancesDeleted: 1 });
    expect((await host.hub.call('GET', `instances/${instanceId}`)).status).toBe(404);
    expect((await host.hub.call('DELETE', `instances/${instanceId}`)).status).toBe(404);
  });

  it('of a running one is refused: it goes on', async () => {
    const id = await waiting();
    const answer = await host.hub.call('DELETE', `instances/${id}`);
    expect(answer.status).toBe(412);
    expect(await answer.json()).toBe(
      `Only orchestrations in a terminal state can be purged, but the orchestration with instance ID ${id} has status Running`,
    );
    expect(await host.hub.state(id)).toMatchObject({ runtimeStatus: 'Running' });
  });

  it('by filter takes only what has ended', async () => {
    const running = await waiting();
    await host.hub.run('chain', 1, 'to-purge-1');
    await host.hub.run('throw', 1, 'to-purge-2');
    const from = new Date(0).toISOString();
    const purge = (query: string) => host.hub.call('DELETE', `instances?${query}`);
    expect((await purge('runtimeStatus=Failed')).status).toBe(400);
    expect((await purge(`createdTimeFrom=${from}&runtimeStatus=Canceled`)).status).toBe(404);
    expect((await purge(`createdTimeFrom=${from}&runtimeStatus=Running`)).status).toBe(404);
    expect((await purge(`createdTimeFrom=${from}&runtimeStatus=Failed`)).status).toBe(200);
    expect((await host.hub.call('GET', 'instances/to-purge-2')).status).toBe(404);
    expect((await host.hub.call('GET', 'instances/to-purge-1')).status).toBe(200);
    expect((await purge(`createdTimeFrom=${from}`)).status).toBe(200);
    const left = await host.hub.list('top=1000');
    expect(left.map(({ instanceId }) => instanceId)).toContain(running);
    expect(left.every(({ runtimeStatus }) => ['Running', 'Suspended', 'Pending'].includes(runtimeStatus))).toBe(true);
  });
});
