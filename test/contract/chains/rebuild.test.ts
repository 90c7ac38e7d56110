import { randomUUID } from 'node:crypto';
import type OpenAI from 'openai';
import { describe, expect, inject, it } from 'vitest';
import { chainIdOf, chainsApi } from '../../support/chains.ts';
import { openStream, resumeStream } from '../../support/event-stream.ts';
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

  it.each([
    ['plain', {}],
    ['in the background', { background: true }],
    ['streamed', { stream: true }],
    ['in the background and streamed', { background: true, stream: true }],
  ])('a turn that is %s says so, in its repeat and in its stream when that is read again, too', async (_how, form) => {
    const { client, key } = newCaller(endpoints);
    const root = await create(client, { input: 'My name is Ada.' });
    await forget(endpoints, root.id);
    const body = {
      stream: false,
      background: false,
      input: 'What is my name?',
      previous_response_id: root.id,
      ...form,
    };
    const once = { 'idempotency-key': randomUUID() };
    const answers = [await openStream(endpoints, key, body, once)];
    const text = await answers[0]?.text();
    answers.push(await openStream(endpoints, key, body, once));
    expect(answers[1]?.headers.get('idempotency-replayed')).toBe('true');
    const id = /resp_[0-9a-f]{48}/.exec(text ?? '')?.[0] ?? '';
    if (body.background && body.stream) answers.push(await resumeStream(endpoints, key, id, 2));
    expect(answers.map(({ status, headers }) => [status, headers.get('x-context-rebuilt')])).toEqual(
      answers.map(() => [200, 'true']),
    );
    for (const answer of answers.slice(1)) await answer.body?.cancel();
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
