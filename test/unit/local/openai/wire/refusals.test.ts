import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorOf, startSimulator, type Body, type Simulator } from './simulator.ts';

let azure: Simulator;
beforeAll(async () => {
  azure = await startSimulator();
});
afterAll(() => azure.stop());

const PNG = 'data:image/png;base64,aGk=';
const user = (content: unknown): Body => ({ role: 'user', content });
const image = { type: 'image_generation' };
const strictTool = (parameters: Body): Body => ({ type: 'function', name: 'f', strict: true, parameters });

/** What is sent, and the field and code of the refusal. */
const malformed: [name: string, body: Body, param: string | null, code: string | null][] = [
  ['no input', {}, 'input', 'missing_required_parameter'],
  ['an input that is a number', { input: 3 }, 'input', 'invalid_type'],
  ['an item that is a number', { input: [3] }, 'input[0]', 'invalid_type'],
  ['an item without type or role', { input: [{ content: 'x' }] }, 'input[0].type', 'missing_required_parameter'],
  ['an unknown item', { input: [{ type: 'poem' }] }, 'input[0]', 'invalid_value'],
  ['an unknown role', { input: [{ role: 'tool', content: 'x' }] }, 'input[0]', 'invalid_value'],
  ['a message without content', { input: [{ role: 'user' }] }, 'input[0].content', 'missing_required_parameter'],
  [
    'output text from the user',
    { input: [user([{ type: 'output_text', text: 'x' }])] },
    'input[0].content[0]',
    'invalid_value',
  ],
  [
    'a text part without text',
    { input: [user([{ type: 'input_text' }])] },
    'input[0].content[0].text',
    'missing_required_parameter',
  ],
  [
    'an image by file id',
    { input: [user([{ type: 'input_image', file_id: 'file-1' }])] },
    'input[0].content[0].file_id',
    'unsupported_parameter',
  ],
  [
    'an image that is no image',
    { input: [user([{ type: 'input_image', image_url: 'data:text/plain;base64,aGk=' }])] },
    'input[0].content[0].image_url',
    'invalid_value',
  ],
  [
    'a file without source',
    { input: [user([{ type: 'input_file' }])] },
    'input[0].content[0].file_id',
    'missing_required_parameter',
  ],
  [
    'a data URI as file URL',
    { input: [user([{ type: 'input_file', file_url: 'data:application/pdf;base64,aGk=' }])] },
    'url',
    'invalid_value',
  ],
  [
    'file data without name',
    { input: [user([{ type: 'input_file', file_data: 'data:application/pdf;base64,aGk=' }])] },
    'input[0].content[0].filename',
    'missing_required_parameter',
  ],
  [
    'a file that is not there',
    { input: [user([{ type: 'input_file', file_id: 'file-none' }])] },
    'input',
    'file_not_found',
  ],
  [
    'arguments that are no text',
    { input: [{ type: 'function_call', call_id: 'c', name: 'f', arguments: {} }] },
    'input[0].arguments',
    'invalid_type',
  ],
  [
    'a call id that is too long',
    { input: [{ type: 'function_call_output', call_id: 'c'.repeat(65), output: '' }] },
    'input[0].call_id',
    'string_above_max_length',
  ],
  [
    'an output without its call',
    { input: [{ type: 'function_call_output', call_id: 'c', output: '' }] },
    'input',
    null,
  ],
  [
    'a call without its output',
    { input: [{ type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' }] },
    'input',
    null,
  ],
  [
    'the same item twice',
    {
      input: [
        { id: 'msg_1', role: 'user', content: 'x' },
        { id: 'msg_1', role: 'user', content: 'x' },
      ],
    },
    'input',
    null,
  ],
  ['too few output tokens', { input: 'x', max_output_tokens: 15 }, 'max_output_tokens', 'integer_below_min_value'],
  ['a broken number', { input: 'x', max_output_tokens: 16.5 }, 'max_output_tokens', 'invalid_type'],
  ['too much heat', { input: 'x', temperature: 2.5 }, 'temperature', 'decimal_above_max_value'],
  [
    'sampling on a reasoning model',
    { model: 'o3', input: 'x', temperature: 0.5 },
    'temperature',
    'unsupported_parameter',
  ],
  [
    'reasoning on a model without',
    { input: 'x', reasoning: { effort: 'low' } },
    'reasoning.effort',
    'unsupported_parameter',
  ],
  [
    'an unknown effort',
    { model: 'o3', input: 'x', reasoning: { effort: 'utmost' } },
    'reasoning.effort',
    'invalid_value',
  ],
  ['an unknown include', { input: 'x', include: ['everything'] }, 'include[0]', 'invalid_value'],
  [
    'an empty context management',
    { input: 'x', context_management: [] },
    'context_management',
    'array_below_min_length',
  ],
  [
    'a compaction that comes too early',
    { input: 'x', context_management: [{ type: 'compaction', compact_threshold: 999 }] },
    'context_management[0].compact_threshold',
    'integer_below_min_value',
  ],
  ['background without storage', { input: 'x', background: true, store: false }, 'background', null],
  ['stream options without stream', { input: 'x', stream_options: {} }, 'stream_options', null],
  ['a conversation', { input: 'x', conversation: 'conv_1' }, 'conversation', 'unsupported_parameter'],
  ['a stored prompt', { input: 'x', prompt: { id: 'pmpt_1' } }, 'prompt', 'unsupported_parameter'],
  [
    'an unknown parent',
    { input: 'x', previous_response_id: 'resp_1' },
    'previous_response_id',
    'previous_response_not_found',
  ],
  ['metadata that is no text', { input: 'x', metadata: { a: 1 } }, 'metadata.a', 'invalid_type'],
  [
    'too much metadata',
    { input: 'x', metadata: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [i, ''])) },
    'metadata',
    'object_above_max_properties',
  ],
  [
    'a metadata key that is too long',
    { input: 'x', metadata: { ['k'.repeat(65)]: '' } },
    'metadata',
    'string_above_max_length',
  ],
  [
    'a metadata value that is too long',
    { input: 'x', metadata: { a: 'v'.repeat(513) } },
    'metadata.a',
    'string_above_max_length',
  ],
  [
    'a function without name',
    { input: 'x', tools: [{ type: 'function' }] },
    'tools[0].name',
    'missing_required_parameter',
  ],
  [
    'a code interpreter without container',
    { input: 'x', tools: [{ type: 'code_interpreter' }] },
    'tools[0].container',
    'missing_required_parameter',
  ],
  [
    'an MCP server without address',
    { input: 'x', tools: [{ type: 'mcp', server_label: 'a' }] },
    'tools[0].server_url',
    'missing_required_parameter',
  ],
  ['an unknown tool choice', { input: 'x', tool_choice: 'maybe' }, 'tool_choice', 'invalid_value'],
  ['a required tool that is not there', { input: 'x', tool_choice: 'required' }, 'tool_choice', null],
  [
    'a chosen tool that is not there',
    { input: 'x', tool_choice: { type: 'function', name: 'f' } },
    'tool_choice',
    null,
  ],
  [
    'a strict function with open properties',
    { input: 'x', tools: [strictTool({ type: 'object', properties: {} })] },
    'tools[0].parameters',
    'invalid_function_parameters',
  ],
  [
    'a strict function with optional properties',
    {
      input: 'x',
      tools: [strictTool({ type: 'object', properties: { a: {} }, additionalProperties: false, required: [] })],
    },
    'tools[0].parameters',
    'invalid_function_parameters',
  ],
  [
    'a strict answer with open properties',
    {
      input: 'x',
      text: {
        format: {
          type: 'json_schema',
          name: 'a',
          strict: true,
          schema: {
            type: 'object',
            properties: { b: { type: 'object', properties: {} } },
            required: ['b'],
            additionalProperties: false,
          },
        },
      },
    },
    'text.format.schema',
    'invalid_json_schema',
  ],
  ['an unknown format', { input: 'x', text: { format: { type: 'xml' } } }, 'text.format.type', 'invalid_value'],
  ['a search with an older model', { input: 'x', tools: [{ type: 'tool_search' }] }, 'tools', 'unsupported_tool'],
  [
    'deferred without a search',
    { input: 'x', tools: [{ type: 'function', name: 'f', defer_loading: true }] },
    'tools',
    null,
  ],
  [
    'a namespace without a description',
    { input: 'x', tools: [{ type: 'namespace', name: 'n', tools: [] }] },
    'tools[0].description',
    'missing_required_parameter',
  ],
  [
    'a function in a namespace without a name',
    { input: 'x', tools: [{ type: 'namespace', name: 'n', description: 'd', tools: [{ type: 'function' }] }] },
    'tools[0].tools[0].name',
    'missing_required_parameter',
  ],
  ['images without deployment', { input: 'x', tools: [image] }, 'tools', 'invalid_request_error'],
  ['computer use without truncation', { model: 'computer-use-preview', input: 'x' }, 'truncation', 'unsupported_value'],
];

describe('a malformed create', () => {
  it.each(malformed)('%s is refused', async (_name, body, param, code) => {
    const refused = await azure.create(body);
    expect(refused.status).toBe(400);
    expect(errorOf(refused)).toMatchObject({ param, code });
    expect(errorOf(refused).message).toEqual(expect.any(String));
    expect(String(errorOf(refused).message)).not.toMatch(/undefined|\[object/);
  });

  it('says where it went wrong in the words of the service', async () => {
    const { message } = errorOf(await azure.create({ input: 'x', max_output_tokens: 5 }));
    expect(message).toBe(
      "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but got 5 instead.",
    );
  });

  it('takes values at the limits', async () => {
    const metadata = { ['k'.repeat(64)]: 'v'.repeat(512) };
    const { status } = await azure.create({ input: 'x', max_output_tokens: 16, temperature: 2, top_p: 0, metadata });
    expect(status).toBe(200);
  });

  it('refuses a body that is no JSON, or no object', async () => {
    const broken = await fetch(`${azure.address}/openai/v1/responses`, {
      method: 'POST',
      headers: { 'api-key': 'k', 'content-type': 'application/json' },
      body: '{"model":',
    });
    expect(broken.status).toBe(400);
    expect((await azure.send('POST', '/responses', ['x'])).status).toBe(400);
  });
});

describe('deployments', () => {
  it('an unknown one is 404 in the shape of Azure', async () => {
    const refused = await azure.create({ model: 'gpt-9', input: 'x' });
    expect(refused.status).toBe(404);
    expect(errorOf(refused)).toEqual({ code: 'DeploymentNotFound', message: expect.any(String) });
  });

  it('an image model answers no text', async () => {
    const refused = await azure.create({ model: 'gpt-image-1', input: 'x' });
    expect(refused.status).toBe(400);
    expect(errorOf(refused)).toMatchObject({ code: 'OperationNotSupported' });
  });

  it('a choice of neither form is told which there are', async () => {
    const { message } = errorOf(await azure.create({ input: 'x', tool_choice: 5 }));
    expect(message).toBe("Invalid type for 'tool_choice': expected a string or object, but got an integer instead.");
  });

  it('the image tool needs its header, a deployment that exists, and no stream', async () => {
    const header = { 'x-ms-oai-image-generation-deployment': 'gpt-image-1' };
    expect((await azure.create({ input: 'x', tools: [image] }, header)).status).toBe(200);
    const wrong = await azure.create(
      { input: 'x', tools: [image] },
      { 'x-ms-oai-image-generation-deployment': 'dall-e-9' },
    );
    expect(wrong.status).toBe(404);
    const streamed = await azure.create({ input: 'x', stream: true, tools: [image] }, header);
    expect(errorOf(streamed)).toMatchObject({ param: 'stream' });
    const missing = await azure.create({ input: 'x', tools: [image] });
    expect(errorOf(missing)).toMatchObject({ type: 'image_generation_user_error' });
  });

  it('an image is edited only when it is sent along', async () => {
    const header = { 'x-ms-oai-image-generation-deployment': 'gpt-image-1' };
    const edit = { tools: [{ ...image, action: 'edit' }] };
    const statusOf = async (input: unknown) => (await azure.create({ ...edit, input }, header)).status;
    expect(await statusOf('Make it blue')).toBe(400);
    expect(await statusOf([{ type: 'image_generation_call', id: 'ig_1' }])).toBe(400);
    expect(await statusOf([user([{ type: 'input_image', image_url: PNG }])])).toBe(200);
  });
});

describe('other paths', () => {
  it.each([
    ['GET', '/nothing', 404],
    ['PUT', '/responses', 405],
    ['GET', '/responses/resp_none', 404],
    ['DELETE', '/responses/resp_none', 404],
    ['POST', '/responses/resp_none/cancel', 404],
    ['GET', '/responses/resp_none/input_items', 404],
    ['POST', '/chat/completions', 501],
    ['GET', '/conversations/conv_1', 501],
    ['GET', '/vector_stores', 501],
  ])('%s %s is %i', async (method, path, status) => {
    const refused = await azure.send(method, path);
    expect(refused.status).toBe(status);
    expect(errorOf(refused).message).toEqual(expect.any(String));
  });
});
