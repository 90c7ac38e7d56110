import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dataOf, encodeEvent, isTerminalEvent, type Frame } from '../../../src/streams/frames.ts';
import { framesIn, relay } from '../../../src/streams/relay.ts';
import type { ServiceResponse } from '../../../src/upstream/wire.ts';

const OURS = { id: 'resp_ours', parentId: null };
const SERVICE = { id: 'resp_service', object: 'response', status: 'in_progress', output: [] };

async function* sourceOf(
  events: readonly ({ type: string } & Record<string, unknown>)[],
  fault?: Error,
): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  for (const event of events) yield encodeEvent(event).bytes;
  if (fault) throw fault;
}

async function run(source: AsyncIterable<Uint8Array>): Promise<{ frames: Frame[]; end: ServiceResponse | undefined }> {
  const frames: Frame[] = [];
  let end: ServiceResponse | undefined;
  const onEnd = (given: ServiceResponse) => {
    end = given;
    return Promise.resolve({ ...given, id: 'resp_ours' });
  };
  for await (const frame of relay(OURS, framesIn(source), onEnd)) frames.push(frame);
  return { frames, end };
}

const seen = (frames: readonly Frame[]) => frames.map((frame) => [frame.type, dataOf(frame.bytes)?.sequence_number]);

describe('relay', () => {
  it('passes events on untouched, in order, under our id', async () => {
    const delta = { type: 'response.output_text.delta', delta: 'hi', unknown_key: 1, sequence_number: 1 };
    const { frames } = await run(
      sourceOf([
        { type: 'response.created', response: SERVICE, sequence_number: 0 },
        delta,
        { type: 'response.completed', response: { ...SERVICE, status: 'completed' }, sequence_number: 2 },
      ]),
    );
    expect(seen(frames)).toEqual([
      ['response.created', 0],
      ['response.output_text.delta', 1],
      ['response.completed', 2],
    ]);
    expect(frames[1]?.bytes.equals(encodeEvent(delta).bytes)).toBe(true);
    expect(frames.map((frame) => frame.bytes.toString()).join('')).not.toContain('resp_service');
  });

  it('puts response.created in front when the service opens otherwise, and keeps the numbers gapless', async () => {
    const { frames } = await run(
      sourceOf([
        { type: 'response.queued', response: { ...SERVICE, status: 'queued' }, sequence_number: 0 },
        { type: 'response.output_text.delta', delta: 'x', sequence_number: 1 },
        { type: 'response.completed', response: { ...SERVICE, status: 'completed' }, sequence_number: 2 },
      ]),
    );
    expect(seen(frames).map(([, sequence]) => sequence)).toEqual([0, 1, 2, 3]);
    expect(frames[0]?.type).toBe('response.created');
  });

  it.each([
    ['a stream that just ends', undefined],
    ['a connection that breaks', new Error('terminated')],
  ])('ends %s with response.failed, and keeps the items that were done', async (_, fault) => {
    const item = { type: 'message', id: 'msg_1', content: [] };
    const { frames, end } = await run(
      sourceOf(
        [
          { type: 'response.created', response: SERVICE, sequence_number: 0 },
          { type: 'response.output_item.done', item, sequence_number: 1 },
        ],
        fault,
      ),
    );
    expect(seen(frames).at(-1)).toEqual(['response.failed', 2]);
    expect(end).toMatchObject({ status: 'failed', error: { code: 'server_error' }, output: [item] });
  });

  it('turns an error event into response.failed with its code', async () => {
    const { frames, end } = await run(
      sourceOf([
        { type: 'response.created', response: SERVICE, sequence_number: 0 },
        { type: 'error', code: 'rate_limit_exceeded', message: 'slow down', sequence_number: 1 },
      ]),
    );
    expect(seen(frames).at(-1)).toEqual(['response.failed', 1]);
    expect(end?.error).toEqual({ code: 'rate_limit_exceeded', message: 'slow down' });
  });

  it('gives a whole stream even when the service says nothing at all', async () => {
    const { frames } = await run(sourceOf([]));
    expect(seen(frames)).toEqual([
      ['response.created', 0],
      ['response.failed', 1],
    ]);
  });

  it('shows our id wherever the service put its own', async () => {
    const item = { id: 'msg_1', type: 'message', created_by: { response_id: SERVICE.id } };
    const { frames } = await run(
      sourceOf([
        { type: 'response.created', response: SERVICE, sequence_number: 0 },
        { type: 'response.output_item.added', output_index: 0, item, sequence_number: 1 },
        { type: 'response.completed', response: { ...SERVICE, status: 'completed' }, sequence_number: 2 },
      ]),
    );
    expect(dataOf(frames[1]?.bytes ?? Buffer.alloc(0))).toMatchObject({
      item: { created_by: { response_id: OURS.id } },
    });
  });

  it('shows no secret of tools that an item brings along, neither while it runs nor when it breaks off', async () => {
    const tools = [
      { type: 'namespace', name: 'n', tools: [{ type: 'mcp', server_label: 's', authorization: 'tok-1' }] },
    ];
    const item = { id: 'tso_1', type: 'tool_search_output', tools };
    const { frames, end } = await run(
      sourceOf([
        { type: 'response.created', response: SERVICE, sequence_number: 0 },
        { type: 'response.output_item.added', output_index: 0, item, sequence_number: 1 },
        { type: 'response.output_item.done', output_index: 0, item, sequence_number: 2 },
        { type: 'response.in_progress', response: { ...SERVICE, output: [item] }, sequence_number: 3 },
      ]),
    );
    expect(seen(frames).map(([, sequence]) => sequence)).toEqual([0, 1, 2, 3, 4]);
    expect(frames.map((frame) => frame.bytes.toString()).join('')).not.toContain('tok-1');
    expect(JSON.stringify(end?.output)).not.toContain('tok-1');
  });

  it('opens once, though the service opens late', async () => {
    const { frames } = await run(
      sourceOf([
        { type: 'response.queued', response: { ...SERVICE, status: 'queued' }, sequence_number: 0 },
        { type: 'response.created', response: SERVICE, sequence_number: 1 },
        { type: 'response.completed', response: { ...SERVICE, status: 'completed' }, sequence_number: 2 },
      ]),
    );
    expect(seen(frames)).toEqual([
      ['response.created', 0],
      ['response.queued', 1],
      ['response.in_progress', 2],
      ['response.completed', 3],
    ]);
  });
});

describe('whatever the service sends', () => {
  const chunk = fc.oneof(
    fc.constantFrom(
      'event: response.created\ndata: {"type":"response.created","sequence_number":0,"response":{"id":"resp_service"}}\n\n',
      'event: response.completed\ndata: {"type":"response.completed","response":{"id":"resp_service","output":[]}}\n\n',
      'event: response.failed\ndata: {"type":"response.failed","response":7}\n\n',
      'event: error\ndata: {"type":"error","error":null}\n\n',
      'event: error\ndata: nonsense\n\n',
      'event: response.output_item.done\ndata: {"type":"response.output_item.done","item":[]}\n\n',
      'data: [DONE]\n\n',
      ': comment\n\n',
    ),
    fc.json().map((data) => `event: response.in_progress\ndata: ${data}\n\n`),
    fc
      .record({ type: fc.string(), response: fc.jsonValue(), sequence_number: fc.jsonValue() })
      .map((event) => `data: ${JSON.stringify(event)}\n\n`),
    fc.string({ unit: 'binary', maxLength: 40 }),
  );

  it('comes out as one stream: created first, one end, last', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(chunk, { maxLength: 12 }), fc.integer({ min: 1, max: 60 }), async (chunks, size) => {
        const bytes = Buffer.from(chunks.join(''));
        async function* cut(): AsyncGenerator<Uint8Array> {
          await Promise.resolve();
          for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
        }
        const types = (await run(cut())).frames.map(({ type }) => type);
        expect(types[0]).toBe('response.created');
        expect(types.filter((type) => isTerminalEvent(type))).toEqual([types.at(-1)]);
      }),
      { numRuns: 300 },
    );
  });
});
