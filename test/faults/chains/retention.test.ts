import OpenAI, { toFile } from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { textPdf } from '../../support/pdfs.ts';
import { contentsOf } from '../../support/stores.ts';
import { newCaller, openDatabase, startWorld, type World } from '../../support/world.ts';
import { chainIdOf } from '../../support/chains.ts';

const MODEL = 'gpt-4.1';
const RETENTION_SECONDS = 6;

let world: World;
beforeAll(async () => {
  world = await startWorld({ environment: { RETENTION_DAYS: String(RETENTION_SECONDS / 86_400) } });
});
afterAll(() => world.stop());

const retire = (): Promise<unknown> =>
  fetch(`${world.endpoints.gateway}/admin/functions/retention`, { method: 'POST', body: '{}' });

/** Seconds of the store's last write of a record. */
async function writtenAt(id: string): Promise<number | undefined> {
  const { resource } = await (
    await openDatabase(world.endpoints)
  )
    .container('chains')
    .item(id, chainIdOf(id))
    .read<{ _ts: number }>();
  return resource?._ts;
}

const ask = async (client: OpenAI, body: object): Promise<string> =>
  (await client.responses.create({ model: MODEL, input: 'Say hello', ...body, stream: false })).id;

/** Somebody else uses the same account, without the gateway. */
async function useAccountDirectly(): Promise<void> {
  const azure = new OpenAI({ baseURL: `${world.endpoints.openai}/openai/v1`, apiKey: 'somebody-else' });
  await azure.responses.create({ model: MODEL, input: 'hello' });
  await azure.files.create({ purpose: 'assistants', file: await toFile(await textPdf(['Not yours.']), 'other.pdf') });
  await azure.containers.create({ name: 'other' });
}

describe('retention', () => {
  it('counts from the last turn, keeps old turns alive until then, and leaves nothing anywhere', async () => {
    const { client } = newCaller(world.endpoints);
    // What is there before must be there afterwards, too.
    await useAccountDirectly();
    const before = await contentsOf(world.endpoints);
    const root = await ask(client, {});
    const written = await writtenAt(root);
    let last = root;
    // The chain is continued for longer than its retention: its root must not go meanwhile.
    const until = Date.now() + (RETENTION_SECONDS + 2) * 1000;
    while (Date.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      last = await ask(client, { previous_response_id: last });
      await retire();
    }
    await ask(client, { previous_response_id: last, tools: [{ type: 'image_generation' }], input: 'Draw a circle' });
    await ask(client, { previous_response_id: last, background: true });
    const file = await toFile(await textPdf(['The ferry leaves at noon.']), 'ferry.pdf', { type: 'application/pdf' });
    const { id: file_id } = await client.files.create({ purpose: 'assistants', file });
    const content = [{ type: 'input_file', file_id }];
    await ask(client, { previous_response_id: last, input: [{ role: 'user', content }] });
    const tools = [{ type: 'code_interpreter', container: { type: 'auto' } }];
    await ask(client, { previous_response_id: last, input: 'Compute 12 * 12', tools });
    expect((await client.responses.retrieve(root)).status).toBe('completed');
    await expect.poll(() => writtenAt(root)).toBeGreaterThan(written ?? Infinity);

    await expect
      .poll(
        async () => {
          await retire();
          return contentsOf(world.endpoints);
        },
        { timeout: 40_000, interval: 1_000 },
      )
      .toEqual(before);
  }, 90_000);
});
