import { degrees, PDFDocument, StandardFonts } from '@cantoo/pdf-lib';
import { PNG } from 'pngjs';

/** PDFs made by the tests. Fixed dates and no random ids: the same call gives the same bytes. */

const MADE_AT = new Date('2026-01-01T00:00:00Z');

/** One page per text; lines are broken at `\n`. */
export async function textPdf(pages: readonly string[], options: { title?: string } = {}): Promise<Uint8Array> {
  const pdf = await newPdf(options.title);
  const font = await pdf.embedFont(StandardFonts.Helvetica);
  for (const text of pages) {
    const page = pdf.addPage([595, 842]);
    page.drawText(text, { x: 40, y: 790, size: 11, lineHeight: 14, font });
  }
  return pdf.save();
}

/** So many pages, each with its number and a sentence. */
export const longPdf = (pages: number, sentence: string): Promise<Uint8Array> =>
  textPdf(Array.from({ length: pages }, (_, index) => `Page ${index + 1} of ${pages}.\n${sentence}`));

/** Pages that are pictures: no text to be found. */
export async function scanPdf(pages: number): Promise<Uint8Array> {
  const pdf = await newPdf();
  const image = await pdf.embedPng(greyPicture(64));
  for (let index = 0; index < pages; index += 1) {
    pdf.addPage([595, 842]).drawImage(image, { x: 20, y: 20, width: 555, height: 802, rotate: degrees(0) });
  }
  return pdf.save();
}

/** A file that needs a password to be opened. */
export async function encryptedPdf(text: string): Promise<Uint8Array> {
  const pdf = await newPdf();
  pdf.addPage([595, 842]).drawText(text, { x: 40, y: 790, size: 11 });
  pdf.encrypt({ userPassword: 'secret', ownerPassword: 'owner', permissions: {} });
  return pdf.save({ useObjectStreams: false });
}

/** A readable page, and an attachment that makes the file as large as asked. */
export async function bulkyPdf(bytes: number, text: string): Promise<Uint8Array> {
  const pdf = await newPdf();
  pdf.addPage([595, 842]).drawText(text, { x: 40, y: 790, size: 11 });
  await pdf.attach(noise(bytes), 'bulk.bin', { mimeType: 'application/octet-stream', creationDate: MADE_AT });
  return pdf.save();
}

async function newPdf(title = 'Test document'): Promise<PDFDocument> {
  const pdf = await PDFDocument.create();
  pdf.setTitle(title);
  pdf.setCreationDate(MADE_AT);
  pdf.setModificationDate(MADE_AT);
  return pdf;
}

function greyPicture(side: number): Buffer {
  const png = new PNG({ width: side, height: side });
  png.data.fill(200);
  return PNG.sync.write(png);
}

/** Bytes that do not compress, the same every time. */
function noise(bytes: number): Uint8Array {
  const data = new Uint32Array(Math.ceil(bytes / 4));
  let state = 0x9e3779b9;
  for (let index = 0; index < data.length; index += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    data[index] = state;
  }
  return new Uint8Array(data.buffer, 0, bytes);
}
