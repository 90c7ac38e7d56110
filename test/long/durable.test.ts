import { describe, expect, it } from 'vitest';
import { loops, randomWork, runThroughKills, type Work } from '../host/durable/chaos.ts';
import { HostProcess } from '../host/durable/host-process.ts';

const MINUTES_MS = 60_000;

async function prove(work: readonly Work[], chaos: { kills: number; seed: number }): Promise<HostProcess> {
  const host = await HostProcess.start();
  const states = await runThroughKills(host, work, chaos);
  for (const { id, output } of work) expect(states.get(id)).toMatchObject({ runtimeStatus: 'Completed', output });
  return host;
}

describe('Durable Functions on the embedded host', () => {
  it.each([1, 2, 3])(
    'survive 12 kills with 100 orchestrations (seed %i)',
    { timeout: 5 * MINUTES_MS },
    async (seed) => {
      await using _host = await prove(loops(100, { polls: 20, generations: 25 }), { kills: 12, seed });
    },
  );

  it('get 300 random orchestrators right', { timeout: 5 * MINUTES_MS }, async () => {
    await using _host = await prove(randomWork(300, 10_000), { kills: 0, seed: 0 });
  });

  it('get 300 random orchestrators right through 4 kills', { timeout: 5 * MINUTES_MS }, async () => {
    await using _host = await prove(randomWork(300, 20_000), { kills: 4, seed: 4 });
  });
});
