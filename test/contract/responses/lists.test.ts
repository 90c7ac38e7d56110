import { describe, expect, inject, it } from 'vitest';
import { newCaller } from '../../support/world.ts';

const endpoints = inject('endpoints');

describe('input items', () => {
  it('are the whole context of the turn, newest first, with ids that stay', async () => {
    const { client } = newCaller(endpoints);
    const first = await client.responses.create({ model: 'gpt-4.1', input: 'My name is Ada.' });
    const second = await client.responses.create({
      model: 'gpt-4.1',
      input: 'What is my name?',
      previous_response_id: first.id,
    });
    const items = [];
    for await (const item of client.responses.inputItems.list(second.id, { limit: 2 })) items.push(item);
    expect(items.map((item) => ('role' in item ? item.role : item.type))).toEqual(['user', 'assistant', 'user']);
    expect(items[1]).toEqual(first.output[0]);
    const again = await client.responses.inputItems.list(second.id, { order: 'asc', limit: 100 });
    expect(again.data).toEqual(items.toReversed());
  });

  it('show messages in parts, though they were sent as text', async () => {
    const { client } = newCaller(endpoints);
    const input = [
      { role: 'user' as const, content: 'My name is Ada.' },
      { role: 'assistant' as const, content: 'Hello Ada.' },
      { role: 'developer' as const, content: 'Be brief.' },
      { role: 'system' as const, content: 'Be kind.' },
      { role: 'user' as const, content: 'What is my name?' },
    ];
    const { id, output_text } = await client.responses.create({ model: 'gpt-4.1', input });
    expect(output_text).toContain('Ada');
    const { data } = await client.responses.inputItems.list(id, { order: 'asc' });
    expect(data).toMatchObject([
      { role: 'user', content: [{ type: 'input_text', text: 'My name is Ada.' }] },
      { role: 'assistant', content: [{ type: 'output_text', text: 'Hello Ada.', annotations: [] }] },
      { role: 'developer', content: [{ type: 'input_text', text: 'Be brief.' }] },
      { role: 'system', content: [{ type: 'input_text', text: 'Be kind.' }] },
      { role: 'user', content: [{ type: 'input_text', text: 'What is my name?' }] },
    ]);
  });

  it('page by cursor in both directions', async () => {
    const { client, key } = newCaller(endpoints);
    const input = Array.from({ length: 5 }, (_, index) => ({ role: 'user' as const, content: `item ${index}` }));
    const { id } = await client.responses.create({ model: 'gpt-4.1', input });
    const all = await client.responses.inputItems.list(id, { order: 'asc', limit: 100 });
    const third = all.data[2];
    if (third === undefined || !('id' in third)) throw new Error('no third item');
    const address = `${endpoints.gateway}/openai/v1/responses/${id}/input_items?order=asc&limit=1&before=${third.id}`;
    const before = (await (await fetch(address, { headers: { 'api-key': key } })).json()) as {
      data: unknown[];
      has_more: boolean;
    };
    expect(before.data).toEqual([all.data[1]]);
    expect(before.has_more).toBe(true);
  });
});

describe('the list of responses', () => {
  const list = async (key: string, query: string) => {
    const answer = await fetch(`${endpoints.gateway}/openai/v1/responses?${query}`, {
      headers: { 'api-key': key },
    });
    return (await answer.json()) as { data: { id: string }[]; has_more: boolean; last_id: string | null };
  };

  it('holds the caller’s own, newest first, page by page', async () => {
    const { client, key } = newCaller(endpoints);
    const made: string[] = [];
    for (let turn = 0; turn < 5; turn += 1)
      made.push((await client.responses.create({ model: 'gpt-4.1', input: `turn ${turn}` })).id);
    const walked: string[] = [];
    for (let after = ''; ;) {
      const page = await list(key, `limit=2${after}`);
      walked.push(...page.data.map(({ id }) => id));
      if (!page.has_more) break;
      after = `&after=${page.last_id ?? ''}`;
    }
    expect(walked).toEqual(made.toReversed());
    const ascending = await list(key, 'order=asc&limit=100');
    expect(ascending.data.map(({ id }) => id)).toEqual(made);
  });

  it('is empty for a stranger, and a foreign cursor is refused', async () => {
    const { client } = newCaller(endpoints);
    const stranger = newCaller(endpoints).key;
    const { id } = await client.responses.create({ model: 'gpt-4.1', input: 'mine' });
    expect((await list(stranger, '')).data).toEqual([]);
    const answer = await fetch(`${endpoints.gateway}/openai/v1/responses?after=${id}`, {
      headers: { 'api-key': stranger },
    });
    expect(answer.status).toBe(400);
  });
});
