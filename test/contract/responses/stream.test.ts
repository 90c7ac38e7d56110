import { describe, expect, inject, it } from 'vitest';
import { newCaller } from '../../support/world.ts';

const endpoints = inject('endpoints');

describe('a streamed create', () => {
  it('begins with response.created, keeps one id and gapless numbers, and is stored when it ends', async () => {
    const { client } = newCaller(endpoints);
    const events = [];
    for await (const event of await client.responses.create({ model: 'gpt-4.1', input: 'Say hello', stream: true }))
      events.push(event);
    expect(events[0]?.type).toBe('response.created');
    expect(events.map((event) => ('sequence_number' in event ? event.sequence_number : -1))).toEqual(
      events.map((_, index) => index),
    );
    const ids = new Set(events.flatMap((event) => ('response' in event ? [event.response.id] : [])));
    expect(ids.size).toBe(1);
    const last = events.at(-1);
    if (last?.type !== 'response.completed') throw new Error(`ended with ${last?.type}`);
    expect(await client.responses.retrieve(last.response.id)).toMatchObject({
      status: 'completed',
      output: last.response.output,
    });
  });

  it('works with the helper of the SDK', async () => {
    const { client } = newCaller(endpoints);
    const stream = client.responses.stream({ model: 'gpt-4.1', input: 'Say hello' });
    let text = '';
    stream.on('response.output_text.delta', (event) => (text += event.delta));
    const final = await stream.finalResponse();
    expect(final.status).toBe('completed');
    expect(final.output_text).toBe(text);
  });

  it('ends with [DONE], for readers that wait for it', async () => {
    const { key } = newCaller(endpoints);
    const answer = await fetch(`${endpoints.gateway}/openai/v1/responses`, {
      method: 'POST',
      headers: { 'api-key': key, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gpt-4.1', input: 'hi', stream: true }),
    });
    expect(answer.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect((await answer.text()).trimEnd().endsWith('data: [DONE]')).toBe(true);
  });

  it('is refused with a status, not with a stream, when the service refuses', async () => {
    const { client } = newCaller(endpoints);
    await expect(client.responses.create({ model: 'nope', input: 'x', stream: true })).rejects.toMatchObject({
      status: 404,
      code: 'DeploymentNotFound',
    });
  });

  it('continues a chain, and can be continued', async () => {
    const { client } = newCaller(endpoints);
    const first = await client.responses.stream({ model: 'gpt-4.1', input: 'My name is Grace.' }).finalResponse();
    const second = await client.responses
      .stream({ model: 'gpt-4.1', input: 'What is my name?', previous_response_id: first.id })
      .finalResponse();
    expect(second.output_text).toContain('Grace');
    expect(second.previous_response_id).toBe(first.id);
  });
});
