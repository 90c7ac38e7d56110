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

/** A readable page, and an unused object that makes the file as large as asked. Written by hand: libraries would compress it for long. */
export function bulkyPdf(bytes: number, text: string): Uint8Array {
  const content = `BT /F1 11 Tf 40 790 Td (${text}) Tj ET`;
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
    Buffer.concat([
      Buffer.from(`<< /Length ${bytes} >>\nstream\n`),
      Buffer.alloc(bytes, '.'),
      Buffer.from('\nendstream'),
    ]),
  ];
  const pieces: Buffer[] = [Buffer.from('%PDF-1.4\n')];
  const offsets: number[] = [];
  let length = pieces[0]?.length ?? 0;
  for (const [index, object] of objects.entries()) {
    offsets.push(length);
    const piece = Buffer.concat([Buffer.from(`${index + 1} 0 obj\n`), Buffer.from(object), Buffer.from('\nendobj\n')]);
    pieces.push(piece);
    length += piece.length;
  }
  const rows = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const table = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows}`;
  const trailer = `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${length}\n%%EOF\n`;
  return Buffer.concat([...pieces, Buffer.from(table + trailer)]);
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
