import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onCoreTools } from '../support/running-host.ts';
import { HostProcess } from './host-process.ts';

const host = new HostProcess();
beforeAll(() => host.start());
afterAll(() => host[Symbol.asyncDispose]());

describe('starting', () => {
  it('answers with links that work', async () => {
    const answer = await host.hub.call('POST', 'orchestrators/collect/linked', { event: 'go', count: 1 });
    expect(answer.status).toBe(202);
    expect(answer.headers.get('retry-after')).toBe('10');
    const links = (await answer.json()) as Record<string, string>;
    expect(links).not.toHaveProperty('rewindPostUri');
    expect(answer.headers.get('location')).toBe(links.statusQueryGetUri);
    const follow = (link = '', method = 'POST', body?: string) =>
      fetch(link, { method, body: body ?? null, headers: { 'content-type': 'application/json' } });
    expect((await follow(links.statusQueryGetUri, 'GET')).status).toBe(202);
    expect((await follow(links.suspendPostUri?.replace('{text}', 'a%20reason'))).status).toBe(202);
    await host.hub.when('linked', ({ runtimeStatus }) => runtimeStatus === 'Suspended');
    expect((await follow(links.resumePostUri?.replace('{text}', ''))).status).toBe(202);
    expect((await follow(links.sendEventPostUri?.replace('{eventName}', 'go'), 'POST', '5')).status).toBe(202);
    expect(await host.hub.end('linked')).toMatchObject({ output: [5] });
    expect((await follow(links.terminatePostUri?.replace('{text}', ''))).status).toBe(410);
    expect((await follow(links.purgeHistoryDeleteUri, 'DELETE')).status).toBe(200);
  });

  it('waits for the end when asked to', async () => {
    const done = await host.hub.call('POST', 'orchestrators/chain?timeout=10&pollingInterval=1', 1);
    expect([done.status, await done.json()]).toEqual([200, 7]);
    const failed = await host.hub.call('POST', 'orchestrators/throw?timeout=10&pollingInterval=1');
    expect([failed.status, await failed.json()]).toMatchObject([200, { runtimeStatus: 'Failed' }]);
    const query = 'timeout=0.05&pollingInterval=0.01';
    const still = await host.hub.call('POST', `orchestrators/collect?${query}`, { event: 'go', count: 1 });
    expect(still.status).toBe(202);
  });

  it('refuses what makes no sense', async () => {
    const start = async (path: string, body?: unknown) =>
      (await host.hub.call('POST', `orchestrators/${path}`, body)).status;
    if (!onCoreTools) expect(await start('nobody')).toBe(400);
    expect(await start('chain/@id', 1)).toBe(400);
    expect(await start('chain/a%23b', 1)).toBe(400);
    expect(await start(`chain/${'x'.repeat(101)}`, 1)).toBe(400);
    await host.hub.start('collect', { event: 'go', count: 1 }, 'taken');
    expect(await start('chain/taken', 1)).toBe(409);
    const path = `${host.address}/runtime/webhooks/durabletask/orchestrators/chain`;
    expect((await fetch(path, { method: 'POST', body: '{' })).status).toBe(400);
    expect((await host.hub.call('GET', 'orchestrators/chain')).status).toBe(404);
  });

  it('takes a finished id again', async () => {
    await host.hub.run('chain', 1, 'again');
    expect(await host.hub.run('chain', 2, 'again')).toMatchObject({ output: 8 });
  });

  it('finds functions whatever the case of their name', async () => {
    expect(await host.hub.run('CHAIN', 1)).toMatchObject({ name: onCoreTools ? 'CHAIN' : 'chain', output: 7 });
  });
});

describe('one status', () => {
  it('is 202 while it runs and 200 behind the end, 500 for a failure on demand', async () => {
    const id = await host.hub.start('collect', { event: 'go', count: 1 });
    const running = await host.hub.call('GET', `instances/${id}`);
    expect(running.status).toBe(202);
    expect(running.headers.get('retry-after')).toBe('5');
    expect(running.headers.get('location')).toContain(`/instances/${id}`);
    const { instanceId } = await host.hub.run('throw');
    expect((await host.hub.call('GET', `instances/${instanceId}`)).status).toBe(200);
    const path = `instances/${instanceId}?returnInternalServerErrorOnFailure=true`;
    expect((await host.hub.call('GET', path)).status).toBe(500);
    expect((await host.hub.call('GET', 'instances/nobody')).status).toBe(404);
  });

  it('has times in seconds, and hides the input on demand', async () => {
    const { instanceId } = await host.hub.run('chain', 1);
    const state = await host.hub.state(instanceId, 'showInput=false');
    expect(state.createdTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(state.input).toBeNull();
  });

  it('shows the history without its bookkeeping', async () => {
    const { instanceId } = await host.hub.run('chain', 1);
    const { historyEvents = [] } = await host.hub.state(instanceId, 'showHistory=true&showHistoryOutput=true');
    expect(historyEvents.map(({ EventType }) => EventType)).toEqual([
      'ExecutionStarted',
      'TaskCompleted',
      'TaskCompleted',
      'TaskCompleted',
      'ExecutionCompleted',
    ]);
    expect(historyEvents[0]).toMatchObject({ FunctionName: 'chain' });
    expect(historyEvents[1]).toMatchObject({ FunctionName: 'add', Result: 2 });
    const bare = await host.hub.state(instanceId, 'showHistory=true&showInput=false');
    expect(JSON.stringify(bare.historyEvents)).not.toMatch(/"(Result|Input|EventId|IsPlayed)"/);
  });
});

describe('many statuses', () => {
  it('come in pages', async () => {
    for (let index = 0; index < 5; index += 1) await host.hub.start('chain', index, `page-${index}`);
    const ids: string[] = [];
    let token = '';
    for (let pages = 1; ; pages += 1) {
      const headers = { 'x-ms-continuation-token': token };
      const answer = await host.hub.call('GET', 'instances?instanceIdPrefix=page-&top=2', undefined, headers);
      ids.push(...((await answer.json()) as { instanceId: string }[]).map(({ instanceId }) => instanceId));
      token = answer.headers.get('x-ms-continuation-token') ?? '';
      if (token === '') {
        expect(pages).toBe(3);
        break;
      }
    }
    expect(ids).toEqual(['page-0', 'page-1', 'page-2', 'page-3', 'page-4']);
  });

  it('are filtered by state, time and beginning of the id', async () => {
    await host.hub.run('throw', 1, 'filter-failed');
    const between = new Date(Date.now() + 1).toISOString();
    await host.hub.run('pause', 10, 'between');
    await host.hub.run('pause', 5, 'filter-completed');
    const ids = async (query: string) =>
      (await host.hub.list(`instanceIdPrefix=filter-&${query}`)).map(({ instanceId }) => instanceId);
    expect(await ids('')).toEqual(['filter-completed', 'filter-failed']);
    expect(await ids('runtimeStatus=Failed,Terminated')).toEqual(['filter-failed']);
    expect(await ids('runtimeStatus=Completed&runtimeStatus=Failed')).toHaveLength(2);
    expect(await ids(`createdTimeFrom=${between}`)).toEqual(['filter-completed']);
    expect(await ids(`createdTimeTo=${between}`)).toEqual(['filter-failed']);
    const found = 'instanceIdPrefix=filter-&runtimeStatus=Completed';
    expect(await host.hub.list(found)).toMatchObject([{ input: 5 }]);
    expect(await host.hub.list(`${found}&showInput=false`)).toMatchObject([{ input: 5 }]);
  });
});

describe('raising an event', () => {
  it('needs JSON, and an orchestration', async () => {
    const id = await host.hub.start('collect', { event: 'go', count: 1 });
    const raise = async (headers: Record<string, string>, body: string) => {
      const path = `${host.address}/runtime/webhooks/durabletask/instances/${id}/raiseEvent/go`;
      return (await fetch(path, { method: 'POST', headers, body })).status;
    };
    expect(await raise({ 'content-type': 'text/plain' }, 'x')).toBe(400);
    expect(await raise({ 'content-type': 'application/json' }, '{')).toBe(400);
    expect(await host.hub.raise('nobody', 'go')).toBe(404);
    expect(await raise({ 'content-type': 'application/json; charset=utf-8' }, '{"a":1}')).toBe(202);
    expect(await host.hub.end(id)).toMatchObject({ output: [{ a: 1 }] });
  });
});

it.skipIf(onCoreTools)('refuses entities and other task hubs aloud', async () => {
  expect((await host.hub.call('POST', 'orchestrators/chain?taskHub=Other', 1)).status).toBe(400);
  const answer = await host.hub.call('GET', 'entities/counter/one');
  expect([answer.status, await answer.json()]).toEqual([501, 'This host has no durable entities.']);
});
