import { expect, inject, it } from 'vitest';
import { z } from 'zod';
import { steer } from '../../support/simulator.ts';
import { newCaller } from '../../support/world.ts';

const endpoints = inject('endpoints');
const PATIENCE = { timeout: 20_000, interval: 100 };
const instance = z.looseObject({
  runtimeStatus: z.string(),
  historyEvents: z.array(z.record(z.string(), z.unknown())),
});

const historyOf = async (id: string): Promise<z.infer<typeof instance>> => {
  const shown = 'showHistory=true&showHistoryOutput=true&showInput=true';
  const answer = await fetch(`${endpoints.gateway}/runtime/webhooks/durabletask/instances/${id}?${shown}`);
  return instance.parse(await answer.json());
};

it('the history of a run holds ids and states, however much it was asked and however much it answers', async () => {
  const { client } = newCaller(endpoints);
  const azure = steer(endpoints);
  await azure.plan('create', { kind: 'pace', runningMs: 500 });
  const words = `${azure.marker} `.repeat(4_000);
  const input = `Count to 2000. ${azure.marker}`;
  const { id } = await client.responses.create({ model: 'gpt-4.1', instructions: words, input, background: true });
  await expect.poll(async () => (await client.responses.retrieve(id)).status, PATIENCE).toBe('completed');
  expect((await client.responses.retrieve(id)).output_text.length).toBeGreaterThan(4_096);
  await expect.poll(async () => (await historyOf(id)).runtimeStatus, PATIENCE).toBe('Completed');
  const { historyEvents, ...status } = await historyOf(id);
  expect(historyEvents.some(({ Result }) => Result !== undefined)).toBe(true);
  for (const part of [status, ...historyEvents]) {
    expect(Buffer.byteLength(JSON.stringify(part))).toBeLessThan(4_096);
    expect(JSON.stringify(part)).not.toContain(azure.marker);
  }
});
