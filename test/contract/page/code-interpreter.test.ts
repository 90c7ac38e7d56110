import { readFile } from 'node:fs/promises';
import OpenAI from 'openai';
import { expect, inject, it } from 'vitest';
import { newCaller } from '../../support/world.ts';
import { rawCaller } from '../../support/raw.ts';

/** The code interpreter, its containers and the list of input items on the how-to page. */
const endpoints = inject('endpoints');
const { client, key } = newCaller(endpoints);
const model = 'gpt-4.1';
const instructions =
  'You are a personal math tutor. When asked a math question, write and run code using the python tool to answer the question.';

it('solves an equation, by plain HTTP', async () => {
  const { status, body } = await rawCaller(endpoints, key).call('POST', '/responses', {
    model,
    tools: [{ type: 'code_interpreter', container: { type: 'auto' } }],
    instructions,
    input: 'I need to solve the equation 3x + 11 = 14. Can you help me?',
  });
  expect(status).toBe(200);
  expect(body.output).toMatchObject([
    { type: 'code_interpreter_call', status: 'completed', container_id: expect.stringMatching(/^cntr_/) },
    { type: 'message', content: [{ text: expect.stringMatching(/x\s*=\s*1/) }] },
  ]);
});

it('solves it with the SDK, and its container can be read', async () => {
  const response = await client.responses.create({
    model,
    tools: [{ type: 'code_interpreter', container: { type: 'auto' } }],
    instructions: 'You are a math tutor. Write and run Python code to solve math problems.',
    input: 'Solve 3x + 11 = 14.',
  });
  expect(response.output_text).toMatch(/x\s*=\s*1/);
  const call = response.output.find((item) => item.type === 'code_interpreter_call');
  const container = await client.containers.retrieve(call?.container_id ?? '');
  expect(container).toMatchObject({ object: 'container', status: 'running' });
});

it('works on files that were put into a container made on the fly, and cites the files it makes', async () => {
  const file = new File(['city,people\nOslo,700000\nBergen,290000\n'], 'cities.csv', { type: 'text/csv' });
  const uploaded = await client.files.create({ file, purpose: 'assistants' });
  const response = await client.responses.create({
    model,
    tools: [{ type: 'code_interpreter', container: { type: 'auto', file_ids: [uploaded.id] } }],
    input: 'Use python to make a plot of the people by city in cities.csv.',
  });
  const message = response.output.find((item) => item.type === 'message');
  const [part] = message?.content ?? [];
  const citation =
    part?.type === 'output_text' ? part.annotations.find((each) => each.type === 'container_file_citation') : undefined;
  if (citation === undefined) throw new Error('no file is cited');
  const content = await client.containers.files.content.retrieve(citation.file_id, {
    container_id: citation.container_id,
  });
  expect((await content.arrayBuffer()).byteLength).toBeGreaterThan(100);
});

it('goes on in the container of an earlier call', async () => {
  const tools = [{ type: 'code_interpreter' as const, container: { type: 'auto' as const } }];
  const first = await client.responses.create({ model, tools, input: 'Use python to write 1 and 2 to a CSV file.' });
  const second = await client.responses.create({
    model,
    tools,
    input: 'Use python to compute 1 + 2.',
    previous_response_id: first.id,
  });
  const containers = [first, second].map(
    ({ output }) => output.find((item) => item.type === 'code_interpreter_call')?.container_id,
  );
  expect(containers[0]).toMatch(/^cntr_/);
  expect(containers[1]).toBe(containers[0]);
  expect(second.output_text).toContain('1 + 2 = 3');
});

it('finds the files of the input in its container', async () => {
  const file = new File([new Uint8Array(await readFile('docs/example.pdf'))], 'report.pdf', {
    type: 'application/pdf',
  });
  const { id: file_id } = await client.files.create({ file, purpose: 'assistants' });
  const response = await client.responses.create({
    model,
    tools: [{ type: 'code_interpreter', container: { type: 'auto' } }],
    input: [
      {
        role: 'user',
        content: [
          { type: 'input_file', file_id },
          { type: 'input_text', text: 'Use python to list the files.' },
        ],
      },
    ],
  });
  const call = response.output.find((item) => item.type === 'code_interpreter_call');
  const { data } = await client.containers.files.list(call?.container_id ?? '');
  expect(data.map(({ path }) => path)).toEqual(['/mnt/data/report.pdf']);
  expect(response.output_text).toContain('report.pdf');
});

it('lists the input items', async () => {
  const { id } = await client.responses.create({ model, input: 'This is a test.' });
  const items = await client.responses.inputItems.list(id);
  expect(items.data).toEqual([
    {
      id: expect.stringMatching(/^msg_/),
      type: 'message',
      role: 'user',
      content: [{ type: 'input_text', text: 'This is a test.' }],
    },
  ]);
  await expect(client.responses.inputItems.list('resp_none')).rejects.toThrow(OpenAI.NotFoundError);
});
