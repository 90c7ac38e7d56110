import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onCoreTools } from '../support/running-host.ts';
import { HostProcess } from './host-process.ts';

const setting = 'AzureFunctionsJobHost__extensions__durableTask';
const host = new HostProcess({
  environment: { [`${setting}__maxConcurrentActivityFunctions`]: '3', [`${setting}__defaultVersion`]: '1.5' },
});
beforeAll(() => host.start());
afterAll(() => host[Symbol.asyncDispose]());

async function answersWhileRunning(prefix: string): Promise<boolean> {
  const answer = await fetch(`${host.address}/ping`);
  expect(await answer.text()).toBe('pong');
  return (await host.hub.running(prefix)).length > 0;
}

describe.skipIf(onCoreTools)('a host with much to do', () => {
  it('answers HTTP while activities keep the processor busy', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, index) => host.hub.start('busy', 60, `busy-${index}`)));
    expect(await answersWhileRunning('busy-')).toBe(true);
    await host.hub.allEnded('busy-');
  });

  it('answers HTTP while hundreds of orchestrations take their turns, and gets each of them right', async () => {
    const ids = Array.from({ length: 200 }, (_, index) => `many-${index}`);
    await Promise.all(ids.map((id) => host.hub.start('measure', 50, id)));
    expect(await answersWhileRunning('many-')).toBe(true);
    await host.hub.allEnded('many-');
    const states = await host.hub.list('instanceIdPrefix=many-&top=1000&runtimeStatus=Completed');
    expect(states.map(({ output }) => output)).toEqual(ids.map(() => 6));
  });

  it('loses none of many timers that fall due at once', async () => {
    const ids = Array.from({ length: 60 }, (_, index) => `tick-${index}`);
    await Promise.all(ids.map((id) => host.hub.start('poll', { key: id, until: 5, ms: 1 }, id)));
    await host.hub.allEnded('tick-');
  });

  it('runs no more activities at once than host.json allows', async () => {
    expect(await host.hub.run('crowd')).toMatchObject({ runtimeStatus: 'Completed', output: 3 });
  });
});

describe('the default version of host.json', () => {
  it('is that of orchestrations which are started without one', async () => {
    expect(await host.hub.run('return-input', 1)).toMatchObject({ output: { version: '1.5' } });
    const child = { name: 'return-input', input: 1 };
    expect(await host.hub.run('parent-of', child)).toMatchObject({ output: { version: '1.5' } });
  });
});

describe('an app that crashes', () => {
  // On Microsoft's host the call fails: its worker is another process.
  it.skipIf(onCoreTools)('is loaded anew, and its activities run again', async () => {
    expect(await host.hub.run('crash', 'crashed')).toMatchObject({ runtimeStatus: 'Completed', output: 1 });
    expect(host.calls('crashed')).toBe(2);
  });
});
