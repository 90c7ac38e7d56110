import type OpenAI from 'openai';
import { expect, inject, it } from 'vitest';
import { newCaller } from '../../support/world.ts';

/** The compaction examples of the how-to page, in its order. */
const endpoints = inject('endpoints');
const { client, key } = newCaller(endpoints);
const model = 'gpt-4.1';
type Input = OpenAI.Responses.ResponseInput;

it('compacts a response, and goes on from the window', async () => {
  // The page leaves `annotations` out.
  const input: unknown = [
    { role: 'user', content: 'Create a simple landing page for a dog cafe.' },
    {
      id: 'msg_001',
      type: 'message',
      status: 'completed',
      role: 'assistant',
      content: [{ type: 'output_text', text: '...' }],
    },
  ];
  const compacted = await client.responses.compact({ model, input: input as Input });
  expect(compacted.object).toBe('response.compaction');
  expect(compacted.output.at(-1)).toMatchObject({ type: 'compaction', encrypted_content: expect.any(String) });
  const followUp = await client.responses.create({
    model,
    input: [...(compacted.output as Input), { role: 'user', content: 'Add a booking form.' }],
  });
  expect(followUp.output_text).toMatch(/dog cafe[^]*booking form[^]*<form>/i);
});

it('compacts items that were returned, by plain HTTP', async () => {
  const asked = {
    model,
    input: [
      { role: 'user', content: 'Create a simple landing page for a dog petting café.' },
      {
        id: 'msg_001',
        type: 'message',
        status: 'completed',
        content: [{ type: 'output_text', annotations: [], logprobs: [], text: 'Below is a single file: ...' }],
        role: 'assistant',
      },
    ],
  };
  const answer = await fetch(`${endpoints.gateway}/openai/v1/responses/compact`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${key}` },
    body: JSON.stringify(asked),
  });
  expect(answer.status).toBe(200);
  const body = (await answer.json()) as { output?: Input };
  const input = [...(body.output ?? []), { role: 'user', content: 'Add opening hours.' }] as unknown as Input;
  expect((await client.responses.create({ model, input })).output_text).toMatch(/dog petting café[^]*opening hours/i);
});

it('compacts by a previous response id', async () => {
  const initial = await client.responses.create({ model, input: 'What is the size of France?' });
  const compacted = await client.responses.compact({ model, previous_response_id: initial.id });
  const followUp = await client.responses.create({
    model,
    input: [...(compacted.output as Input), { role: 'user', content: 'What is the capital?' }],
  });
  expect(followUp.output_text).toContain('Paris');
});

it('does not compact on the server below the threshold, as in the loop of the page', async () => {
  const conversation: Input = [{ type: 'message', role: 'user', content: "Let's begin a long coding task." }];
  for (const said of ['First, a name for it.', 'Now its tests.']) {
    const response = await client.responses.create({
      model,
      input: conversation,
      store: false,
      context_management: [{ type: 'compaction', compact_threshold: 200_000 }],
    });
    expect(response.output.map(({ type }) => type)).toEqual(['message']);
    conversation.push(...(response.output as Input), { type: 'message', role: 'user', content: said });
  }
});

it.each([false, true])('compacts on the server when the context has grown (store: %s)', async (store) => {
  const conversation: Input = [
    { type: 'message', role: 'user', content: `My code word is BLUE. ${'word '.repeat(1_200)}` },
  ];
  const context_management = [{ type: 'compaction' as const, compact_threshold: 1_000 }];
  const first = await client.responses.create({ model, input: conversation, store, context_management });
  expect(first.output.map(({ type }) => type)).toContain('compaction');
  const next = 'What is my code word?';
  const second = store
    ? await client.responses.create({ model, input: next, previous_response_id: first.id })
    : await client.responses.create({
        model,
        store,
        input: [...conversation, ...(first.output as Input), { type: 'message', role: 'user', content: next }],
      });
  expect(second.output_text).toContain('BLUE');
});
