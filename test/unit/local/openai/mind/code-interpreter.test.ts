import { PNG } from 'pngjs';
import { expect, test } from 'vitest';
import { Talk, type Answer } from './turns.ts';

const TOOL = { type: 'code_interpreter', container: { type: 'auto' } };
const run = (talk: Talk, input: string, tool: Record<string, unknown> = TOOL): Promise<Answer> =>
  talk.send({ input, tools: [tool] });

test('solves the equation of the page', async () => {
  const answer = await run(new Talk(), 'I need to solve the equation 3x + 11 = 14. Can you help me?');
  expect(answer.types).toEqual(['code_interpreter_call', 'message']);
  expect(answer.items[0]).toMatchObject({
    status: 'completed',
    container_id: 'cntr_1',
    code: expect.stringContaining('solve(Eq(3*x + 11, 14), x)') as string,
    outputs: [{ type: 'logs', logs: '[1]\n' }],
  });
  expect(answer.text).toBe('The solution of 3x + 11 = 14 is x = 1.');
});

test('makes files in the container and cites them', async () => {
  const talk = new Talk();
  const answer = await run(talk, 'Create a CSV and a plot of the first 12 primes, as primes.csv.');
  const files = talk.containers.contents.get('cntr_1')!;
  expect(files.map((file) => file.filename)).toEqual(['primes.csv', 'plot.png']);
  expect(Buffer.from(files[0]!.bytes).toString()).toMatch(/^n,primes\n1,2\n2,3\n3,5\n/);
  const plot = PNG.sync.read(Buffer.from(files[1]!.bytes));
  expect([plot.width, plot.height]).toEqual([640, 400]);

  const { text, annotations } = answer.parts[0] as { text: string; annotations: Record<string, unknown>[] };
  expect(annotations).toMatchObject([
    { type: 'container_file_citation', container_id: 'cntr_1', file_id: 'cfile_1', filename: 'primes.csv' },
    { type: 'container_file_citation', container_id: 'cntr_1', file_id: 'cfile_2', filename: 'plot.png' },
  ]);
  for (const annotation of annotations) {
    expect(text.slice(Number(annotation['start_index']), Number(annotation['end_index']))).toBe(
      `sandbox:/mnt/data/${String(annotation['filename'])}`,
    );
  }
});

test('different data, different plot', async () => {
  const plotOf = async (input: string): Promise<string> => {
    const talk = new Talk();
    await run(talk, input);
    return Buffer.from(talk.containers.contents.get('cntr_1')![0]!.bytes).toString('base64');
  };
  expect(await plotOf('Plot y = x^2')).not.toBe(await plotOf('Plot y = 3x + 1'));
  expect(await plotOf('Plot sales: Jan 10, Feb 20, Mar 15')).toBe(await plotOf('Plot sales: Jan 10, Feb 20, Mar 15'));
});

test('reads the files in a container of the caller', async () => {
  const talk = new Talk();
  talk.containers.contents.set('cntr_own', [
    {
      id: 'cfile_a',
      filename: 'sales.csv',
      purpose: 'assistants',
      bytes: Buffer.from('month,amount\nJan,10\nFeb,32\n'),
    },
  ]);
  const answer = await run(talk, 'What is the average in the file?', { ...TOOL, container: 'cntr_own' });
  expect(answer.text).toContain(
    'sales.csv has 2 rows and the columns month and amount. amount: sum 42, mean 21, min 10, max 32.',
  );
});

test('goes on in the same container', async () => {
  const talk = new Talk();
  await run(talk, 'Compute 2 ** 8 in python.');
  const answer = await run(talk, 'Now compute 2 ** 9 in python.');
  expect(answer.items[0]!['container_id']).toBe('cntr_1');
});

test('refuses an unknown container before it begins', async () => {
  await expect(run(new Talk(), 'Compute 2 ** 8.', { ...TOOL, container: 'cntr_none' })).rejects.toMatchObject({
    status: 404,
  });
});

test('is left alone when the text asks for no code', async () => {
  expect((await run(new Talk(), 'Hello!')).types).toEqual(['message']);
});

test('runs when it is forced', async () => {
  const answer = await new Talk().send({ input: 'Hello!', tools: [TOOL], tool_choice: { type: 'code_interpreter' } });
  expect(answer.types).toEqual(['code_interpreter_call', 'message']);
});

test('works a sum out, whatever lies in the container', async () => {
  const talk = new Talk();
  await run(talk, 'Use python to write 1 and 2 to a CSV file.');
  const [file] = talk.containers.contents.get('cntr_1') ?? [];
  expect(Buffer.from(file?.bytes ?? []).toString()).toBe('n,value\n1,1\n2,2\n');
  expect((await run(talk, 'Use python to compute 1 + 2.')).text).toBe('1 + 2 = 3');
  expect((await run(talk, 'Use python to look at the data.')).text).toContain('data.csv has 2 rows');
});
