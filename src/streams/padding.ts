import { dataOf, encodeEvent, type Frame } from './frames.ts';

/** The same events without the padding that hides how long a delta is from whoever watches the line. */
export async function* withoutPadding(frames: AsyncIterable<Frame>): AsyncGenerator<Frame> {
  for await (const frame of frames) yield isPadded(frame) ? unpadded(frame) : frame;
}

const isPadded = ({ type, bytes }: Frame): boolean => type.endsWith('.delta') && bytes.includes('"obfuscation":');

function unpadded(frame: Frame): Frame {
  const data = dataOf(frame.bytes);
  if (data === undefined) return frame;
  const { obfuscation: _padding, ...rest } = data;
  return encodeEvent({ ...rest, type: frame.type });
}
