import { createHash } from 'node:crypto';
import { describe, expect, inject, it } from 'vitest';
import { riseDuring } from '../../support/memory.ts';
import { dataUri, pngOf } from '../../support/pictures.ts';
import { newCaller } from '../../support/world.ts';

const endpoints = inject('endpoints');
const model = 'gpt-4.1';
const MEGABYTE = 1024 * 1024;

describe('an upload of 90 MB', () => {
  it('passes through the process without filling it', async () => {
    const { client } = newCaller(endpoints);
    const block = Buffer.alloc(MEGABYTE, 'The quick brown fox jumps over the lazy dog. ');
    const file = new File(
      Array.from({ length: 90 }, () => block),
      'large.txt',
      { type: 'text/plain' },
    );
    const { answer: made, megabytes } = await riseDuring(endpoints.hostPid, () =>
      client.files.create({ file, purpose: 'assistants' }),
    );
    expect(made.bytes).toBe(90 * MEGABYTE);
    expect(megabytes).toBeLessThan(200);
    const hash = createHash('sha256');
    const content: AsyncIterable<Uint8Array> = (await client.files.content(made.id)).body ?? new ReadableStream();
    for await (const chunk of content) hash.update(chunk);
    const expected = createHash('sha256');
    for (let at = 0; at < 90; at += 1) expected.update(block);
    expect(hash.digest('hex')).toBe(expected.digest('hex'));
    await client.files.delete(made.id);
  }, 60_000);
});

describe('large requests', () => {
  it('10 MB of text are taken, kept and given back', async () => {
    const { client } = newCaller(endpoints);
    // Long runs of one sign are few tokens: the text fits into the window of the model.
    const input = `My code word is BLUE. ${'-'.repeat(10_000_000)}`;
    const made = await client.responses.create({ model, input });
    expect(made.status).toBe('completed');
    const { data } = await client.responses.inputItems.list(made.id);
    const [part] = data[0]?.type === 'message' ? data[0].content : [];
    // Compared as one: a difference of ten million signs is nothing to print.
    expect(part?.type === 'input_text' && part.text === input).toBe(true);
    await client.responses.delete(made.id);
  }, 60_000);

  it('an image of 9 MB is taken as data URI', async () => {
    const { client } = newCaller(endpoints);
    const image_url = dataUri(pngOf(1_520, 1_520, [0, 0, 0], true), 'image/png');
    expect(image_url.length).toBeGreaterThan(9 * MEGABYTE);
    const content = [{ type: 'input_image' as const, image_url, detail: 'low' as const }];
    const made = await client.responses.create({ model, input: [{ role: 'user', content }] });
    expect(made.output_text).toContain('1520');
    await client.responses.delete(made.id);
  }, 60_000);

  it('2,000 events come in one stream', async () => {
    const { client } = newCaller(endpoints);
    let events = 0;
    const input = 'Write 2500 words about the sea.';
    for await (const _ of await client.responses.create({ model, input, stream: true })) events += 1;
    expect(events).toBeGreaterThan(2_000);
  });
});
