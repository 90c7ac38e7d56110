import OpenAI from 'openai';
import { describe, expect, inject, it } from 'vitest';
import { newCaller } from '../../support/world.ts';

const endpoints = inject('endpoints');

describe('create, retrieve and delete', () => {
  it('a response is answered, can be read again as it was, and is gone after its deletion', async () => {
    const { client } = newCaller(endpoints);
    const made = await client.responses.create({ model: 'gpt-4.1', input: 'Say hello', metadata: { ticket: '42' } });
    expect(made).toMatchObject({
      object: 'response',
      status: 'completed',
      metadata: { ticket: '42' },
      previous_response_id: null,
    });
    expect(made.output_text).not.toBe('');

    const read = await client.responses.retrieve(made.id);
    expect(read).toEqual(made);

    const deleted: unknown = await client.delete(`/responses/${made.id}`);
    expect(deleted).toEqual({ id: made.id, object: 'response', deleted: true });
    await expect(client.responses.retrieve(made.id)).rejects.toThrow(OpenAI.NotFoundError);
    // The answer to the first may have been lost: whoever repeats it is told the same.
    expect(await client.delete(`/responses/${made.id}`)).toEqual(deleted);
  });

  it('a turn knows what was said before it, and forks do not know of each other', async () => {
    const { client } = newCaller(endpoints);
    const root = await client.responses.create({ model: 'gpt-4.1', input: 'My name is Ada.' });
    const left = await client.responses.create({
      model: 'gpt-4.1',
      input: 'My favourite colour is teal.',
      previous_response_id: root.id,
    });
    const right = await client.responses.create({
      model: 'gpt-4.1',
      input: 'What is my name?',
      previous_response_id: root.id,
    });
    expect(right.output_text).toContain('Ada');
    expect(right.previous_response_id).toBe(root.id);
    const after = await client.responses.create({
      model: 'gpt-4.1',
      input: 'What is my favourite colour?',
      previous_response_id: left.id,
    });
    expect(after.output_text).toContain('teal');
    const apart = await client.responses.create({
      model: 'gpt-4.1',
      input: 'What is my favourite colour?',
      previous_response_id: right.id,
    });
    expect(apart.output_text).not.toContain('teal');
  });

  it('an unstored response leaves nothing to read or to continue', async () => {
    const { client } = newCaller(endpoints);
    const made = await client.responses.create({ model: 'gpt-4.1', input: 'hi', store: false });
    expect(made.status).toBe('completed');
    await expect(client.responses.retrieve(made.id)).rejects.toThrow(OpenAI.NotFoundError);
    await expect(
      client.responses.create({ model: 'gpt-4.1', input: 'more', previous_response_id: made.id }),
    ).rejects.toMatchObject({
      status: 400,
      code: 'previous_response_not_found',
    });
  });

  it('fields nobody has heard of pass, and survive storage', async () => {
    const { key } = newCaller(endpoints);
    const headers = { 'api-key': key, 'content-type': 'application/json' };
    const address = `${endpoints.gateway}/openai/v1/responses`;
    const body = JSON.stringify({ model: 'gpt-4.1', input: 'hi', from_the_future: { deep: [1] } });
    const made = (await (await fetch(address, { method: 'POST', headers, body })).json()) as Record<string, unknown>;
    const read = (await (await fetch(`${address}/${String(made.id)}`, { headers })).json()) as Record<string, unknown>;
    expect(read).toEqual(made);
  });
});

describe('bad input is the caller’s to mend', () => {
  const address = `${endpoints.gateway}/openai/v1/responses`;
  const headers = { 'api-key': 'bad-input', 'content-type': 'application/json' };

  it.each([
    ['no JSON', '{"model":', 400, 'invalid_json'],
    ['no object', '[1]', 400, 'invalid_json'],
    ['nothing', '', 400, 'invalid_json'],
    ['a bomb of brackets', `{"model":"gpt-4.1","input":${'['.repeat(5000)}${']'.repeat(5000)}}`, 400, 'invalid_json'],
    ['no model', '{"input":"x"}', 400, 'invalid_value'],
    ['an unknown deployment', '{"model":"nope","input":"x"}', 404, 'DeploymentNotFound'],
    [
      'an unknown parent',
      '{"model":"gpt-4.1","input":"x","previous_response_id":"resp_x"}',
      400,
      'previous_response_not_found',
    ],
    ['a conversation', '{"model":"gpt-4.1","input":"x","conversation":"conv_1"}', 400, 'unsupported_parameter'],
  ])('%s', async (_, body, status, code) => {
    const answer = await fetch(address, { method: 'POST', headers, body });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('x-should-retry')).toBe('false');
    expect(answer.headers.get('x-request-id')).not.toBeNull();
    expect(await answer.json()).toMatchObject({
      error: { code, message: expect.any(String), type: expect.any(String) },
    });
  });

  it.each(['resp_1', 'resp_%', '%2F..%2F', 'resp_%00', 'ä', `resp_${'a'.repeat(48)}`, 'x'.repeat(3000), '%E0%A4%A'])(
    'the odd id %s is simply not found',
    async (id) => {
      for (const method of ['GET', 'DELETE']) {
        const answer = await fetch(`${address}/${id}`, { method, headers });
        expect(answer.status).toBe(404);
        expect(await answer.json()).toMatchObject({ error: { message: expect.any(String) } });
      }
    },
  );

  it('no key is 401, and an address that is not offered is 404 in the shape of the API', async () => {
    expect((await fetch(address, { method: 'POST', body: '{}' })).status).toBe(401);
    const unknown = await fetch(`${endpoints.gateway}/openai/v1/conversations`, {
      method: 'POST',
      headers,
      body: '{}',
    });
    expect(unknown.status).toBe(404);
    expect(await unknown.json()).toMatchObject({ error: { code: 'unknown_route' } });
  });
});
