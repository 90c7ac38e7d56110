import { PDFDocument } from '@cantoo/pdf-lib';
import { expect, test } from 'vitest';
import { dataUri, userMessage } from './pictures.ts';
import { Talk, type Answer } from './turns.ts';

async function pdf(pages: readonly string[], title?: string): Promise<PDFDocument> {
  const document = await PDFDocument.create();
  if (title !== undefined) document.setTitle(title);
  for (const text of pages) {
    const page = document.addPage([400, 300]);
    text.split('\n').forEach((line, index) => page.drawText(line, { x: 20, y: 260 - index * 20, size: 10 }));
  }
  return document;
}

const REPORT = [
  'Revenue rose by 12 percent in 2024. The staff grew too.',
  'The invoice number is A-4711. Payment is due in May.',
];

async function ask(text: string, bytes: Uint8Array, talk = new Talk()): Promise<Answer> {
  const file = { type: 'input_file', filename: 'report.pdf', file_data: dataUri('application/pdf', bytes) };
  return talk.send({ input: [userMessage(text, file)] });
}

test('summarises a PDF by quoting its pages', async () => {
  const { text } = await ask('Summarize this PDF.', await (await pdf(REPORT, 'Annual report')).save());
  expect(text).toContain('"Annual report" (report.pdf) has 2 pages.');
  expect(text).toContain('Page 1: "Revenue rose by 12 percent in 2024."');
  expect(text).toContain('Page 2: "The invoice number is A-4711."');
});

test('analyses in sections', async () => {
  const { text } = await ask('Analyse this document.', await (await pdf(REPORT)).save());
  expect(text).toMatch(/^# Revenue rose by 12 percent in 2024\n\n## Summary\n\nreport\.pdf has 2 pages/);
  expect(text).toContain('- "Payment is due in May." (page 2)');
});

test('answers a question with the sentence that fits, also a turn later', async () => {
  const talk = new Talk();
  const bytes = await (await pdf(REPORT)).save();
  const first = await ask('What is the invoice number?', bytes, talk);
  expect(first.text).toBe('Page 2 of report.pdf says: "The invoice number is A-4711."');
  const second = await talk.send('By how much did revenue rise?');
  expect(second.text).toBe('Page 1 of report.pdf says: "Revenue rose by 12 percent in 2024."');
});

test('reads an uploaded file by its id', async () => {
  const talk = new Talk();
  const bytes = await (await pdf(REPORT)).save();
  talk.files.set('file-1', { id: 'file-1', filename: 'up.pdf', purpose: 'assistants', bytes });
  const { text } = await talk.send({
    input: [userMessage('Summarize this PDF.', { type: 'input_file', file_id: 'file-1' })],
  });
  expect(text).toContain('(up.pdf) has 2 pages');
});

test('says of a scan that there is no text in it', async () => {
  const { text } = await ask('Summarize this PDF.', await (await pdf(['', ''])).save());
  expect(text).toContain('has 2 pages and no text layer');
});

test('counts text and a picture of each page as input', async () => {
  const one = (await ask('Hi', await (await pdf(['One.'])).save())).outcome.usage.input_tokens;
  const two = (await ask('Hi', await (await pdf(['One.', 'One.'])).save())).outcome.usage.input_tokens;
  expect(two - one).toBe(767);
});

test('refuses an unknown file', async () => {
  const request = { input: [userMessage('Hi', { type: 'input_file', file_id: 'file-none' })] };
  await expect(new Talk().send(request)).rejects.toMatchObject({ status: 400 });
});

test('refuses what is no PDF in the words of the service', async () => {
  const request = {
    input: [userMessage('Hi', { type: 'input_file', filename: 'a.txt', file_data: 'data:text/plain;base64,SGVsbG8=' })],
  };
  await expect(new Talk().send(request)).rejects.toMatchObject({
    status: 400,
    message: 'Invalid input: Expected file type to be a supported format: .pdf but got .txt.',
  });
});

test('refuses a damaged PDF and one with a password', async () => {
  await expect(ask('Hi', Buffer.from('%PDF-1.7 and nothing else'))).rejects.toMatchObject({
    status: 400,
    code: 'invalid_file',
  });
  const locked = await pdf(['Secret.']);
  locked.encrypt({ userPassword: 'open', ownerPassword: 'own' });
  await expect(ask('Hi', await locked.save({ useObjectStreams: false }))).rejects.toMatchObject({
    status: 400,
    message: expect.stringContaining('password') as string,
  });
});
