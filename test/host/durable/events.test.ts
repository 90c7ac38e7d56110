import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onCoreTools } from '../support/running-host.ts';
import { HostProcess } from './host-process.ts';

const host = new HostProcess();
beforeAll(() => host.start());
afterAll(() => host[Symbol.asyncDispose]());

describe('a raised event', () => {
  it('wins the race against a timer', async () => {
    const id = await host.hub.start('race', { event: 'go', ms: 60_000 });
    expect(await host.hub.raise(id, 'go', { by: 'hand' })).toBe(202);
    expect(await host.hub.end(id)).toMatchObject({ runtimeStatus: 'Completed', output: { raised: { by: 'hand' } } });
  });

  it('comes too late for it', async () => {
    const id = await host.hub.start('race', { event: 'go', ms: 30 });
    expect(await host.hub.end(id)).toMatchObject({ output: 'time is up' });
    expect(await host.hub.raise(id, 'go')).toBe(410);
  });

  it('waits until somebody asks for it', async () => {
    const id = await host.hub.start('collect', { event: 'go', count: 1, after: 'now' });
    await host.hub.raise(id, 'go', 'early');
    await host.hub.raise(id, 'now');
    expect(await host.hub.end(id)).toMatchObject({ output: ['early'] });
  });

  it('is one of several, which arrive in order', async () => {
    const id = await host.hub.start('collect', { event: 'go', count: 20 });
    for (let value = 0; value < 20; value += 1) await host.hub.raise(id, 'go', value);
    expect(await host.hub.end(id)).toMatchObject({ output: Array.from({ length: 20 }, (_, value) => value) });
  });

  it('of another name, or in another case, changes nothing', async () => {
    const id = await host.hub.start('collect', { event: 'go', count: 1 });
    for (const name of ['stop', 'GO']) await host.hub.raise(id, name, name);
    await host.hub.raise(id, 'go', 'right');
    expect(await host.hub.end(id)).toMatchObject({ output: ['right'] });
  });
});

describe('events of an orchestration that continues as new', () => {
  it('are not lost, however many come at once', async () => {
    const id = await host.hub.start('collect-as-new', { count: 10, seen: [] });
    await Promise.all(Array.from({ length: 10 }, (_, value) => host.hub.raise(id, 'next', value)));
    const { output } = await host.hub.end(id);
    expect(new Set(Array.isArray(output) ? output : [])).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
  });

  it.skipIf(onCoreTools)(
    'are kept even when they came before it waited, and the host says that Azure drops those',
    async () => {
      const id = await host.hub.start('collect-as-new', { count: 3, seen: [], after: 'begin' });
      for (const value of ['a', 'b', 'c']) await host.hub.raise(id, 'next', value);
      await host.hub.raise(id, 'begin');
      expect(await host.hub.end(id)).toMatchObject({ output: ['a', 'b', 'c'] });
      expect(host.log).toMatch(new RegExp(`${id} continues as new with raised events .*'next'.*Azure drops them`));
    },
  );
});
