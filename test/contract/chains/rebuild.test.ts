import type OpenAI from 'openai';
import { describe, expect, inject, it } from 'vitest';
import { chainIdOf, chainsApi } from '../../support/chains.ts';
import { forget } from '../../support/forgetting.ts';
import { steer } from '../../support/simulator.ts';
import { newCaller } from '../../support/world.ts';

const endpoints = inject('endpoints');
const MODEL = 'gpt-4.1';

const create = (
  client: OpenAI,
  body: Record<string, unknown>,
): Promise<{ text: string; id: string; rebuilt: boolean }> =>
  client.responses
    .create({ model: MODEL, stream: false, ...body })
    .withResponse()
    .then(({ data, response }) => ({
      id: data.id,
      text: data.output_text,
      rebuilt: response.headers.get('x-context-rebuilt') === 'true',
    }));

describe('when the service has lost the context', () => {
  it.each([0, 1, 2, 3])('of a chain of four turns at depth %i, the gateway tells it again', async (depth) => {
    const { client, key } = newCaller(endpoints);
    const said = ['My name is Ada.', 'My favourite colour is teal.', 'Our code word is heron.', 'Say hello'];
    const ids: string[] = [];
    for (const input of said) ids.push((await create(client, { input, previous_response_id: ids.at(-1) })).id);
    await forget(endpoints, ids[depth] ?? '');
    const next = await create(client, { input: 'What is my name?', previous_response_id: ids.at(-1) });
    expect(next).toMatchObject({ rebuilt: true, text: expect.stringContaining('Ada') });
    const { turns } = await chainsApi(endpoints, key).tree(chainIdOf(next.id));
    expect(turns.filter((turn) => turn.rebuilt).map((turn) => turn.id)).toEqual([next.id]);
    // The service knows the rest again: nothing is told twice.
    const after = await create(client, { input: 'What is our code word?', previous_response_id: next.id });
    expect(after).toMatchObject({ rebuilt: false, text: expect.stringContaining('heron') });
  });

  it('for a moment only, it is asked once more before anything is told again', async () => {
    const { client } = newCaller(endpoints);
    const azure = steer(endpoints);
    const root = await create(client, { input: 'My name is Ada.' });
    await azure.plan('create', { kind: 'forget' });
    const next = await create(client, {
      input: 'What is my name?',
      previous_response_id: root.id,
      metadata: { marker: azure.marker },
    });
    expect(next).toMatchObject({ rebuilt: false, text: expect.stringContaining('Ada') });
  });

  it('a streamed and a background turn are rebuilt like a plain one', async () => {
    const { client } = newCaller(endpoints);
    const root = await create(client, { input: 'My name is Ada.' });
    await forget(endpoints, root.id);
    const body = { model: MODEL, input: 'What is my name?', previous_response_id: root.id };
    const streamed = await client.responses.stream(body).finalResponse();
    expect(streamed.output_text).toContain('Ada');
    const { id } = await client.responses.create({ ...body, background: true });
    await expect
      .poll(async () => (await client.responses.retrieve(id)).output_text, { timeout: 15_000 })
      .toContain('Ada');
  });

  it('forks stay apart', async () => {
    const { client } = newCaller(endpoints);
    const root = await create(client, { input: 'My name is Ada.' });
    const left = await create(client, { input: 'My favourite colour is teal.', previous_response_id: root.id });
    const right = await create(client, { input: 'Say hello', previous_response_id: root.id });
    await forget(endpoints, root.id);
    const ask = (parent: string): Promise<{ text: string; rebuilt: boolean }> =>
      create(client, { input: 'What is my favourite colour?', previous_response_id: parent });
    expect(await ask(left.id)).toMatchObject({ rebuilt: true, text: expect.stringContaining('teal') });
    expect(await ask(right.id)).toMatchObject({ rebuilt: true, text: expect.not.stringContaining('teal') });
  });
});
