import { PDFDocument } from '@cantoo/pdf-lib';

/** A PDF of one page with one line of text. */
export async function samplePdf(line: string): Promise<Uint8Array<ArrayBuffer>> {
  const pdf = await PDFDocument.create();
  pdf.addPage().drawText(line, { x: 72, y: 720, size: 18 });
  return new Uint8Array(await pdf.save());
}
