import { describe, expect, inject, it } from 'vitest';
import { chainIdOf, chainsApi } from '../../support/chains.ts';
import { newCaller } from '../../support/world.ts';

const endpoints = inject('endpoints');

describe('browsing chains', () => {
  it('shows the tree of a chain, forks and all', async () => {
    const { client, key } = newCaller(endpoints);
    const ask = (input: string, previous?: string): Promise<{ id: string }> =>
      client.responses.create({ model: 'gpt-4.1', input, previous_response_id: previous });
    const root = await ask('My name is Ada.');
    const left = await ask('Go left', root.id);
    const right = await ask('Go right', root.id);
    const leaf = await ask('Go on', left.id);

    const tree = await chainsApi(endpoints, key).tree(chainIdOf(root.id));
    expect(tree).toMatchObject({ id: chainIdOf(root.id), title: 'My name is Ada.' });
    expect(new Map(tree.turns.map((turn) => [turn.id, turn.parent_id]))).toEqual(
      new Map([
        [root.id, null],
        [left.id, root.id],
        [right.id, root.id],
        [leaf.id, left.id],
      ]),
    );
    expect(tree.turns[0]).toMatchObject({
      status: 'completed',
      model: 'gpt-4.1',
      preview: 'My name is Ada.',
      tokens: { input: expect.any(Number), output: expect.any(Number) },
      images: 0,
      rebuilt: false,
    });
    expect(tree.turns.at(-1)?.id).toBe(leaf.id);
  });

  it('lists the own chains by their last turn, page by page', async () => {
    const { client, key } = newCaller(endpoints);
    const made: string[] = [];
    for (const input of ['one', 'two', 'three'])
      made.push((await client.responses.create({ model: 'gpt-4.1', input })).id);
    const api = chainsApi(endpoints, key);
    const ids = new Set(made.map(chainIdOf));
    const seen: string[] = [];
    let after = '';
    for (let more = true; more;) {
      const page = await api.list(`?limit=1${after}`);
      expect(page.data).toHaveLength(1);
      seen.push(...page.data.map((chain) => chain.id));
      after = `&after=${page.last_id ?? ''}`;
      more = page.has_more;
    }
    expect(seen).toHaveLength(3);
    expect(new Set(seen)).toEqual(ids);
    const times = (await api.list()).data.map((chain) => chain.last_turn_at);
    expect(times).toEqual(times.toSorted((a, b) => b - a));
  });

  it('a foreign chain looks like an unknown one', async () => {
    const { client } = newCaller(endpoints);
    const { id } = await client.responses.create({ model: 'gpt-4.1', input: 'mine' });
    const stranger = chainsApi(endpoints, newCaller(endpoints).key);
    expect(await stranger.list()).toMatchObject({ data: [], has_more: false });
    for (const chain of [chainIdOf(id), 'f'.repeat(24), 'nonsense', '%00']) {
      expect(await stranger.status('GET', `chains/${chain}`)).toBe(404);
      expect(await stranger.status('DELETE', `chains/${chain}`)).toBe(404);
    }
    expect((await client.responses.retrieve(id)).status).toBe('completed');
  });
});
