import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../../src/errors.ts';
import { parseCreate, previewOf } from '../../../src/responses/request.ts';

const refusal = (body: Record<string, unknown>): GatewayError => {
  try {
    parseCreate(body);
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error('was not refused');
};

describe('parseCreate', () => {
  it('makes a message of a plain text input, with an id that paging can use', () => {
    const { input } = parseCreate({ model: 'm', input: 'hello' });
    expect(input).toMatchObject([{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hello' }] }]);
    expect(input[0]?.id).toMatch(/^msg_gw/);
  });

  it('keeps ids and unknown keys of items', () => {
    const { input } = parseCreate({ model: 'm', input: [{ type: 'function_call', id: 'fc_1', novelty: true }] });
    expect(input).toEqual([{ type: 'function_call', id: 'fc_1', novelty: true }]);
  });

  it.each(['constructor', '__proto__', 'toString'])('takes the type %s for a word like any other', (type) => {
    expect(parseCreate({ model: 'm', input: [{ type }] }).input).toEqual([
      { type, id: expect.stringMatching(/^item_gw[0-9a-f]{46}$/) },
    ]);
  });

  it('lets fields through that nobody has heard of', () => {
    expect(parseCreate({ model: 'm', input: 'x', from_the_future: { a: 1 } }).body.from_the_future).toEqual({ a: 1 });
  });

  it.each([
    [{ input: 'x' }, 'model'],
    [{ model: 'm', input: 7 }, 'input'],
    [{ model: 'm', max_output_tokens: 15 }, 'max_output_tokens'],
    [{ model: 'm', temperature: 2.1 }, 'temperature'],
    [{ model: 'm', context_management: [] }, 'context_management'],
    [{ model: 'm', metadata: { a: 'x'.repeat(513) } }, 'metadata.a'],
    [{ model: 'm', metadata: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`k${i}`, 'v'])) }, 'metadata'],
    [{ model: 'm', tools: [{}] }, 'tools[0].type'],
  ])('refuses %j and names the field', (body, param) => {
    const error = refusal(body);
    expect(error.status).toBe(400);
    expect(error.detail.param).toBe(param);
  });

  it.each([
    [{ background: true, store: false }, 'background'],
    [{ stream_options: { include_obfuscation: false } }, 'stream_options'],
    [{ conversation: 'conv_1' }, 'conversation'],
    [{ prompt: { id: 'pmpt_1' } }, 'prompt'],
  ])('refuses the combination %j', (extra, param) => {
    expect(refusal({ model: 'm', input: 'x', ...extra }).detail.param).toBe(param);
  });

  it('takes limits at their edge', () => {
    const metadata = { ['k'.repeat(64)]: 'v'.repeat(512) };
    expect(() =>
      parseCreate({ model: 'm', input: 'x', max_output_tokens: 16, metadata, top_logprobs: 20 }),
    ).not.toThrow();
  });
});

describe('previewOf', () => {
  it('gives the first words of the newest text', () => {
    const { input } = parseCreate({
      model: 'm',
      input: [
        { role: 'user', content: 'old' },
        { role: 'user', content: 'new\n\n words' },
      ],
    });
    expect(previewOf(input)).toBe('new words');
  });
});
