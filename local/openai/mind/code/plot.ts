import { encodePng } from '../picture/codecs.ts';
import type { Rgb } from '../picture/colours.ts';
import { numericColumns, type Table } from './table.ts';

const WIDTH = 640;
const HEIGHT = 400;
const MARGIN = 40;
const WHITE: Rgb = [255, 255, 255];
const AXIS: Rgb = [60, 60, 60];
const INK: Rgb = [31, 119, 180];

/** A chart of the last numeric column as PNG, drawn without lettering: bars for few rows, a line for many. */
export function plot(table: Table): Promise<Uint8Array> {
  const values = numericColumns(table).at(-1)?.values ?? [];
  const sheet = new Sheet();
  const low = Math.min(0, ...values);
  const high = Math.max(1e-9, ...values);
  const y = (value: number): number =>
    HEIGHT - MARGIN - Math.round(((value - low) / (high - low)) * (HEIGHT - 2 * MARGIN));
  const step = (WIDTH - 2 * MARGIN) / Math.max(1, values.length);
  const x = (index: number): number => Math.round(MARGIN + (index + 0.5) * step);
  if (values.length <= 20) values.forEach((value, index) => sheet.bar(x(index), step * 0.7, y(value), y(0)));
  else values.slice(1).forEach((value, index) => sheet.line(x(index), y(values[index] ?? 0), x(index + 1), y(value)));
  sheet.axes(y(0));
  return encodePng({ width: WIDTH, height: HEIGHT, data: sheet.data });
}

class Sheet {
  readonly data = new Uint8Array(WIDTH * HEIGHT * 4).fill(255);

  axes(zero: number): void {
    for (let x = MARGIN; x <= WIDTH - MARGIN; x++) this.dot(x, zero, AXIS);
    for (let y = MARGIN; y <= HEIGHT - MARGIN; y++) this.dot(MARGIN, y, AXIS);
  }

  bar(middle: number, width: number, top: number, bottom: number): void {
    const half = Math.max(1, Math.floor(width / 2));
    for (let y = Math.min(top, bottom); y <= Math.max(top, bottom); y++) {
      for (let x = middle - half; x <= middle + half; x++) this.dot(x, y, INK);
    }
  }

  line(x1: number, y1: number, x2: number, y2: number): void {
    const steps = Math.max(Math.abs(x2 - x1), Math.abs(y2 - y1), 1);
    for (let step = 0; step <= steps; step++) {
      const x = Math.round(x1 + ((x2 - x1) * step) / steps);
      const y = Math.round(y1 + ((y2 - y1) * step) / steps);
      for (let thick = -1; thick <= 1; thick++) this.dot(x, y + thick, INK);
    }
  }

  private dot(x: number, y: number, [red, green, blue]: Rgb = WHITE): void {
    if (x < 0 || y < 0 || x >= WIDTH || y >= HEIGHT) return;
    this.data.set([red, green, blue, 255], (y * WIDTH + x) * 4);
  }
}
