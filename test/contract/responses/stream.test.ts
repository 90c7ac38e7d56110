import { describe, expect, inject, it } from 'vitest';
import { eventsOf } from '../../support/event-stream.ts';
import { rawCaller } from '../../support/raw.ts';
import { heldFor, planStore, release } from '../../support/records.ts';
import { steer } from '../../support/simulator.ts';
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

  it('does not say that it has ended before that is written', async () => {
    const { key } = newCaller(endpoints);
    const { marker } = steer(endpoints);
    await planStore(endpoints, { operation: 'create', container: 'chains', status: 'hold', contains: marker });
    const body = { model: 'gpt-4.1', input: `Say ${marker}`, stream: true };
    const answer = await rawCaller(endpoints, key).open('POST', '/responses', body);
    const types: string[] = [];
    const reading = (async () => {
      for await (const { type } of eventsOf(answer)) types.push(type);
    })();
    await expect.poll(() => heldFor(endpoints, marker), { timeout: 10_000 }).toBe(1);
    // Whatever went out before is here when this one is answered.
    await fetch(`${endpoints.gateway}/health`);
    const seen = types.at(-1);
    await release(endpoints, marker);
    await reading;
    expect([seen, types.at(-1)]).toEqual(['response.output_item.done', 'response.completed']);
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

  it('is padded against eavesdroppers or not, as is asked for, at first and when it is read again', async () => {
    const caller = rawCaller(endpoints, newCaller(endpoints).key);
    const paddingIn = (text: string): number => text.split('"obfuscation"').length - 1;
    const body = { model: 'gpt-4.1', input: 'Count to 9.', stream: true };
    const padded = await (await caller.open('POST', '/responses', { ...body, background: true })).text();
    expect(paddingIn(padded)).toBeGreaterThan(9);
    const options = { stream_options: { include_obfuscation: false } };
    expect(paddingIn(await (await caller.open('POST', '/responses', { ...body, ...options })).text())).toBe(0);
    const again = `/responses/${/resp_[0-9a-f]{48}/.exec(padded)?.[0] ?? ''}?stream=true`;
    expect(await (await caller.open('GET', again)).text()).toBe(padded);
    const plain = await (await caller.open('GET', `${again}&include_obfuscation=false`)).text();
    expect(plain).toBe(padded.replace(/,"obfuscation":"[^"]*"/g, ''));
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
