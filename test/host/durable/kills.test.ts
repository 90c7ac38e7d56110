import { describe, expect, it } from 'vitest';
import { onCoreTools } from '../support/running-host.ts';
import { loops, randomWork, runThroughKills } from './chaos.ts';
import { HostProcess } from './host-process.ts';

describe.skipIf(onCoreTools)('a host that is killed', () => {
  it('loses no orchestration and gets none wrong', { timeout: 60_000 }, async () => {
    await using host = await HostProcess.start();
    const work = [...loops(16, { polls: 8, generations: 12 }), ...randomWork(16, 5000)];
    const states = await runThroughKills(host, work, { kills: 3, seed: 7 });
    for (const { id, output } of work) expect(states.get(id)).toMatchObject({ runtimeStatus: 'Completed', output });
  });

  it('fires a timer that fell due while there was no host', async () => {
    await using host = await HostProcess.start();
    const id = await host.hub.start('pause', 300);
    await host.hub.when(id, ({ runtimeStatus }) => runtimeStatus === 'Running');
    await host.kill();
    await host.start();
    expect(await host.hub.end(id)).toMatchObject({ runtimeStatus: 'Completed', output: true });
  });

  it('runs an activity again that was cut off, and counts one end', async () => {
    await using host = await HostProcess.start();
    const id = await host.hub.start('nap', { key: 'cut-off', ms: 400 });
    while (host.calls('cut-off') === 0) await host.hub.state(id);
    await host.kill();
    await host.start();
    expect(await host.hub.end(id)).toMatchObject({ runtimeStatus: 'Completed', output: 1 });
    expect(host.calls('cut-off')).toBe(2);
  });

  it('keeps events that were raised just before the end', async () => {
    await using host = await HostProcess.start();
    const id = await host.hub.start('collect', { event: 'go', count: 5 });
    for (let value = 0; value < 5; value += 1) {
      expect(await host.hub.raise(id, 'go', value)).toBe(202);
      if (value === 2) {
        await host.kill();
        await host.start();
      }
    }
    expect(await host.hub.end(id)).toMatchObject({ output: [0, 1, 2, 3, 4] });
  });

  it('lets a short activity end when it was asked kindly', async () => {
    await using host = await HostProcess.start();
    const id = await host.hub.start('nap', { key: 'kind', ms: 300 });
    while (host.calls('kind') === 0) await host.hub.state(id);
    await host.stop();
    await host.start();
    expect(await host.hub.end(id)).toMatchObject({ output: 0 });
    expect(host.calls('kind')).toBe(1);
  });
});
