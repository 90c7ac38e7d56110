import type OpenAI from 'openai';
import { toFile } from 'openai';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { forget, forgetFile } from '../../support/forgetting.ts';
import { startMcpServer, type TestMcpServer } from '../../support/mcp-server.ts';
import { textPdf } from '../../support/pdfs.ts';
import { newCaller } from '../../support/world.ts';

const endpoints = inject('endpoints');
const MODEL = 'gpt-4.1';
type Made = OpenAI.Responses.Response;

const WEATHER: OpenAI.Responses.Tool = {
  type: 'function',
  name: 'get_weather',
  strict: false,
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};

/** One more turn after everything before it was lost; the context must have been told again. */
async function askAfterLoss(
  client: OpenAI,
  lost: readonly Made[],
  body: Partial<OpenAI.Responses.ResponseCreateParamsNonStreaming>,
): Promise<Made> {
  for (const { id } of lost) await forget(endpoints, id);
  const { data, response } = await client.responses
    .create({ model: MODEL, previous_response_id: lost.at(-1)?.id, ...body })
    .withResponse();
  expect(response.headers.get('x-context-rebuilt')).toBe('true');
  return data;
}

describe('told again', () => {
  let mcp: TestMcpServer;
  beforeAll(async () => {
    mcp = await startMcpServer();
  });
  afterAll(() => mcp.stop());

  it('a function call goes with its output, also when the output is what is new', async () => {
    const { client } = newCaller(endpoints);
    const asked = await client.responses.create({
      model: MODEL,
      input: 'What is the weather in Paris?',
      tools: [WEATHER],
      tool_choice: 'required',
    });
    const call = asked.output.find((item) => item.type === 'function_call');
    const output = { type: 'function_call_output' as const, call_id: call?.call_id ?? '', output: '{"degrees":21}' };
    const answered = await askAfterLoss(client, [asked], { input: [output], tools: [WEATHER] });
    expect(answered.output_text).toContain('21');
    const later = await askAfterLoss(client, [asked, answered], { input: 'Thanks. Say hello', tools: [WEATHER] });
    expect(later.status).toBe('completed');
  });

  it('an approval finds the request it answers', async () => {
    const { client } = newCaller(endpoints);
    const tools: OpenAI.Responses.Tool[] = [
      { type: 'mcp', server_label: 'repository', server_url: mcp.url, require_approval: 'always' },
    ];
    const asked = await client.responses.create({ model: MODEL, input: 'Search the docs for install', tools });
    const request = asked.output.find((item) => item.type === 'mcp_approval_request');
    expect(request).toBeDefined();
    const approval = { type: 'mcp_approval_response' as const, approval_request_id: request?.id ?? '', approve: true };
    const answered = await askAfterLoss(client, [asked], { input: [approval], tools });
    expect(answered.output.some((item) => item.type === 'mcp_call')).toBe(true);
  });

  it('an uploaded file that is lost, too, is brought back from our copy', async () => {
    const { client } = newCaller(endpoints);
    const file = await client.files.create({
      purpose: 'assistants',
      file: await toFile(await textPdf(['The ferry leaves at noon.']), 'ferry.pdf', { type: 'application/pdf' }),
    });
    const asked = await client.responses.create({
      model: MODEL,
      input: [
        {
          role: 'user',
          content: [
            { type: 'input_file', file_id: file.id },
            { type: 'input_text', text: 'Keep this.' },
          ],
        },
      ],
    });
    await forgetFile(endpoints, file.id);
    const answered = await askAfterLoss(client, [asked], { input: 'When does the ferry leave?' });
    expect(answered.status).toBe('completed');
    // The file is there again under its old name.
    expect((await client.files.retrieve(file.id)).filename).toBe('ferry.pdf');
    const again = await client.responses.create({
      model: MODEL,
      input: [
        {
          role: 'user',
          content: [
            { type: 'input_file', file_id: file.id },
            { type: 'input_text', text: 'Read it.' },
          ],
        },
      ],
    });
    expect(again.status).toBe('completed');
    const tools: OpenAI.Responses.Tool[] = [
      { type: 'code_interpreter', container: { type: 'auto', file_ids: [file.id] } },
    ];
    const input = 'Use python to compute 1 + 1.';
    const plain = await client.responses.create({ model: MODEL, input, tools });
    const streamed = await client.responses.stream({ model: MODEL, input, tools }).finalResponse();
    expect([plain.tools, streamed.tools]).toEqual([tools, tools]);
  });

  it('a generated image is data with its true type, and sealed reasoning is opened by its maker', async () => {
    const { client } = newCaller(endpoints);
    const tools: OpenAI.Responses.Tool[] = [{ type: 'image_generation', output_format: 'webp' }];
    const drawn = await client.responses.create({ model: MODEL, input: 'Draw a red square', tools });
    const thought = await client.responses.create({
      model: 'gpt-5-mini',
      input: 'My name is Ada.',
      previous_response_id: drawn.id,
      include: ['reasoning.encrypted_content'],
    });
    const next = await askAfterLoss(client, [drawn, thought], { input: 'What is my name?' });
    expect(next.output_text).toContain('Ada');
  });

  it('a compaction stands for what was before it', async () => {
    const { client } = newCaller(endpoints);
    const first = await client.responses.create({ model: MODEL, input: 'My name is Ada.' });
    const compacted = await client.responses.compact({ model: MODEL, previous_response_id: first.id });
    const second = await client.responses.create({
      model: MODEL,
      input: [...(compacted.output as OpenAI.Responses.ResponseInputItem[]), { role: 'user', content: 'Say hello' }],
    });
    const next = await askAfterLoss(client, [second], { input: 'What is my name?' });
    expect(next.output_text).toContain('Ada');
  });
});
