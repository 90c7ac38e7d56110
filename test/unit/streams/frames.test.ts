import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dataOf, encodeEvent, FrameSplitter, sequenceOf } from '../../../src/streams/frames.ts';

const split = (chunks: readonly Uint8Array[]) => {
  const splitter = new FrameSplitter();
  const frames = chunks.flatMap((chunk) => splitter.push(chunk));
  return [...frames, ...splitter.rest()];
};

const cutAt = (bytes: Buffer, positions: readonly number[]): Buffer[] => {
  const sorted = [0, ...new Set(positions.map((position) => position % (bytes.length + 1))), bytes.length].sort(
    (a, b) => a - b,
  );
  return sorted.slice(1).map((end, index) => bytes.subarray(sorted[index], end));
};

const STREAM = [
  'event: response.created\ndata: {"type":"response.created","sequence_number":0}\n\n',
  ': keep-alive\n\n',
  'event: response.output_text.delta\r\ndata: {"type":"response.output_text.delta","delta":"grüße 🎈","sequence_number":1}\r\n\r\n',
  'data: {"type":"response.completed",\rdata: "sequence_number":2}\r\r',
  'data: [DONE]\n\n',
];

const read = (frames: ReturnType<typeof split>) => frames.map((frame) => [frame.type, dataOf(frame.bytes)]);

const EXPECTED = [
  ['response.created', { type: 'response.created', sequence_number: 0 }],
  ['', undefined],
  ['response.output_text.delta', { type: 'response.output_text.delta', delta: 'grüße 🎈', sequence_number: 1 }],
  ['response.completed', { type: 'response.completed', sequence_number: 2 }],
  ['', undefined],
];

describe('FrameSplitter', () => {
  it('keeps the bytes as they came', () => {
    const bytes = Buffer.from(STREAM.join(''));
    expect(split([bytes]).map((frame) => frame.bytes.toString())).toEqual(STREAM);
  });

  it('finds the same frames wherever the bytes are cut', () => {
    const bytes = Buffer.from(STREAM.join(''));
    for (let at = 0; at <= bytes.length; at += 1) {
      expect(read(split([bytes.subarray(0, at), bytes.subarray(at)]))).toEqual(EXPECTED);
    }
  });

  it('finds the same frames however many cuts there are', () => {
    const bytes = Buffer.from(STREAM.join(''));
    fc.assert(
      fc.property(fc.array(fc.nat({ max: bytes.length })), (cuts) => {
        expect(read(split(cutAt(bytes, cuts)))).toEqual(EXPECTED);
      }),
    );
  });

  it('loses nothing but blank lines, whatever comes and however it is cut', () => {
    const lines = (bytes: Buffer): string[] =>
      bytes
        .toString('latin1')
        .split(/[\r\n]+/)
        .filter((line) => line !== '');
    const piece = fc.oneof(
      fc.constantFrom('\n', '\r', '\r\n', '\n\n', 'data: ', 'event: ', ':', '\ufeff'),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(fc.array(piece), fc.array(fc.nat()), (pieces, cuts) => {
        const bytes = Buffer.from(pieces.join(''));
        const frames = split(cutAt(bytes, cuts)).map((frame) => frame.bytes);
        expect(lines(Buffer.concat(frames))).toEqual(lines(bytes));
      }),
    );
  });

  it('names frames by their event line, and by their data where there is none', () => {
    const types = split([Buffer.from(STREAM.join(''))]).map((frame) => frame.type);
    expect(types).toEqual(['response.created', '', 'response.output_text.delta', 'response.completed', '']);
  });

  it('gives a last frame that lacks its blank line', () => {
    const [frame] = split([Buffer.from('event: error\ndata: {"type":"error"}')]);
    expect(frame?.type).toBe('error');
    expect(dataOf(frame?.bytes ?? Buffer.alloc(0))).toEqual({ type: 'error' });
  });

  it('carries an event of many megabytes', () => {
    const event = encodeEvent({
      type: 'response.image_generation_call.partial_image',
      partial_image_b64: 'A'.repeat(8_000_000),
    });
    const frames = split(cutAt(event.bytes, [1, 65_536, 4_000_000]));
    expect(frames).toHaveLength(1);
    expect(frames[0]?.bytes.equals(event.bytes)).toBe(true);
  });
});

describe('sequenceOf', () => {
  it('reads the number of the event, not one that its text quotes', () => {
    const { bytes } = encodeEvent({
      type: 'response.output_text.delta',
      sequence_number: 7,
      delta: 'say "sequence_number":99 please',
    });
    expect(sequenceOf(bytes)).toBe(7);
  });

  it('is undefined for a frame without one', () => {
    expect(sequenceOf(Buffer.from(': ping\n\n'))).toBeUndefined();
  });
});
