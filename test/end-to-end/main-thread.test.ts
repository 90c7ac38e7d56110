import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { drop } from '../support/drop.ts';
import { encryptedPdf, textPdf } from '../support/pdfs.ts';
import { steer } from '../support/simulator.ts';
import { clientFor, newCaller, openBlobs, startWorld, type World } from '../support/world.ts';

const PATIENCE = { timeout: 25_000, interval: 100 };
/** Whose the dropped documents are, locally. */
const DOCUMENTS_KEY = 'local';

let world: World;
let folder: string;
beforeAll(async () => {
  [world, folder] = await Promise.all([startWorld(), mkdtemp(join(tmpdir(), 'main-thread-'))]);
});
afterAll(async () => {
  await world.stop();
  await rm(folder, { recursive: true });
});

async function file(name: string, content: Uint8Array | string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

describe('drop a PDF', () => {
  it('prints an analysis that quotes it, and the conversation goes on', async () => {
    const lease = await file('lease.pdf', await textPdf(['The lease ends on 31 March 2031.']));
    const { code, output, errors } = await drop(world.dataFolder, [lease, '--json']);
    expect(code, errors).toBe(0);
    const [result] = z
      .tuple([z.object({ markdown: z.string(), analysis: z.object({ response_id: z.string() }) })])
      .parse(JSON.parse(output));
    expect(result.markdown).toContain('31 March 2031');
    const next = await clientFor(world.endpoints, DOCUMENTS_KEY).responses.create({
      model: 'gpt-4.1',
      previous_response_id: result.analysis.response_id,
      input: 'When does the lease end?',
    });
    expect(next.output_text).toContain('31 March 2031');
  }, 60_000);

  it.each([
    ['a text file', 'notes.pdf', () => 'no PDF at all', 'text file'],
    ['an empty file', 'empty.pdf', () => '', 'empty'],
    ['an encrypted file', 'secret.pdf', () => encryptedPdf('hidden'), 'password'],
  ])(
    '%s: exit code 1, and a reason that a person understands',
    async (_what, name, content, reason) => {
      const { code, output, errors } = await drop(world.dataFolder, [await file(name, await content())]);
      expect({ code, output }).toEqual({ code: 1, output: '' });
      expect(errors).toContain(reason);
    },
    60_000,
  );
});

describe('a generated image', () => {
  it('is a blob', async () => {
    const { client } = newCaller(world.endpoints);
    const response = await client.responses.create({
      model: 'gpt-4.1',
      input: 'Draw a red square',
      tools: [{ type: 'image_generation' }],
      tool_choice: { type: 'image_generation' },
    });
    const names: string[] = [];
    const images = (await openBlobs(world.endpoints)).getContainerClient('images');
    for await (const { name } of images.listBlobsFlat()) names.push(name);
    expect(names).toEqual([expect.stringContaining(response.id)]);
  });
});

describe('kill -9 of the host', () => {
  it('loses neither a background response nor an analysis, and pays for each only once', async () => {
    const [asked, dropped] = [`asked-${randomUUID()}`, `dropped-${randomUUID()}`];
    const [ofAsked, ofDropped] = [steer(world.endpoints, asked), steer(world.endpoints, dropped)];
    for (const azure of [ofAsked, ofDropped]) await azure.plan('create', { kind: 'pace', runningMs: 4_000 });
    const { client } = newCaller(world.endpoints);
    const { id } = await client.responses.create({ model: 'gpt-4.1', input: `Say ${asked}`, background: true });
    const pdf = await file('killed.pdf', await textPdf(['It survives.']));
    const dropping = drop(world.dataFolder, [pdf, '--prompt', `Summarise ${dropped}`]);
    await vi.waitFor(async () => expect(await ofDropped.runs()).toBe(1), PATIENCE);

    await world.killHost();
    expect((await client.responses.retrieve(id)).status).toMatch(/in_progress|queued|completed/);
    await vi.waitFor(async () => expect((await client.responses.retrieve(id)).status).toBe('completed'), PATIENCE);
    const { code, output, errors } = await dropping;
    expect(code, errors).toBe(0);
    expect(output).toContain('It survives.');
    expect([await ofAsked.runs(), await ofDropped.runs()]).toEqual([1, 1]);
  }, 90_000);
});
