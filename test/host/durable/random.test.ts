import { expect, it } from 'vitest';
import { randomWork, runThroughKills } from './chaos.ts';
import { HostProcess } from './host-process.ts';

it('gives what any random orchestrator has to give', { timeout: 60_000 }, async () => {
  await using host = await HostProcess.start();
  const work = randomWork(60, 1);
  const states = await runThroughKills(host, work, { kills: 0, seed: 0 });
  for (const { id, output } of work) expect(states.get(id)).toMatchObject({ runtimeStatus: 'Completed', output });
});
