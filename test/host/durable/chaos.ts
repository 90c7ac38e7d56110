import { setTimeout as sleep } from 'node:timers/promises';
import type { HostProcess } from './host-process.ts';
import { expectedOutcomes, randomPlan } from './random-plan.ts';
import { Random } from './random.ts';
import type { InstanceState } from './task-hub.ts';

export interface Work {
  name: string;
  id: string;
  input: unknown;
  /** What it has to give. */
  output: unknown;
}

const RETRY_MS = 50;
const LIMIT_MS = 120_000;

/** Loops with activities and timers, and loops through new executions, in turn. */
export function loops(count: number, size: { polls: number; generations: number }): Work[] {
  return Array.from({ length: count }, (_, index) => {
    const id = `loop-${index}`;
    if (index % 2 === 0) {
      const output = { key: id, polls: size.polls };
      return { name: 'poll', id, input: { key: id, until: size.polls, ms: 150 }, output };
    }
    const input = { from: 0, to: size.generations, ms: 60 };
    return { name: 'count-up', id, input, output: { reached: size.generations } };
  });
}

/** Random orchestrators, one for each seed. */
export function randomWork(count: number, firstSeed: number): Work[] {
  return Array.from({ length: count }, (_, index) => {
    const id = `random-${firstSeed + index}`;
    const plan = randomPlan(firstSeed + index, id);
    return { name: 'random', id, input: plan, output: expectedOutcomes(plan) };
  });
}

/**
 * Starts all of `work`, kills the host `kills` times at moments that the seed decides, and waits for the ends.
 * @returns the states by id
 */
export async function runThroughKills(
  host: HostProcess,
  work: readonly Work[],
  { kills, seed }: { kills: number; seed: number },
): Promise<Map<string, InstanceState>> {
  const killing = killAgainAndAgain(host, kills, new Random(seed));
  for (const each of work) await insistOnStart(host, each);
  await killing;
  const states = new Map<string, InstanceState>();
  for (const { id } of work) states.set(id, await host.hub.end(id, LIMIT_MS));
  return states;
}

async function killAgainAndAgain(host: HostProcess, kills: number, random: Random): Promise<void> {
  for (let count = 0; count < kills; count += 1) {
    await sleep(random.between(200, 1000));
    await host.kill();
    await host.start();
  }
}

/** A caller that does not give up: the start may have been written although its answer was lost. */
async function insistOnStart(host: HostProcess, { name, id, input }: Work): Promise<void> {
  for (;;) {
    try {
      const { status } = await host.hub.call('POST', `orchestrators/${name}/${id}`, input);
      if (status === 202 || status === 409) return;
      throw new Error(`${id} was not started: ${status}`);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      await sleep(RETRY_MS);
    }
  }
}
