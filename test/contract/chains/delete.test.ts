import OpenAI from 'openai';
import { describe, expect, inject, it } from 'vitest';
import { chainIdOf, chainsApi } from '../../support/chains.ts';
import { newCaller } from '../../support/world.ts';

const endpoints = inject('endpoints');

async function branches(client: OpenAI): Promise<{ root: string; left: string; leaf: string; right: string }> {
  const ask = async (input: string, previous?: string): Promise<string> =>
    (await client.responses.create({ model: 'gpt-4.1', input, previous_response_id: previous })).id;
  const root = await ask('root');
  const [left, right] = await Promise.all([ask('left', root), ask('right', root)]);
  return { root, left, right, leaf: await ask('leaf', left) };
}

describe('deleting', () => {
  it('one response leaves its children, and its place in the tree', async () => {
    const { client, key } = newCaller(endpoints);
    const { root, left, leaf } = await branches(client);
    const api = chainsApi(endpoints, key);
    const first = await api.remove(`openai/v1/responses/${left}`);
    expect(first).toEqual({ id: left, object: 'response', deleted: true });
    expect(await api.remove(`openai/v1/responses/${left}`)).toEqual(first);
    await expect(client.responses.retrieve(left)).rejects.toThrow(OpenAI.NotFoundError);
    expect((await client.responses.retrieve(leaf)).status).toBe('completed');
    const { turns } = await api.tree(chainIdOf(root));
    expect(turns.find((turn) => turn.id === left)).toMatchObject({ status: 'deleted', preview: '', parent_id: root });
  });

  it('with cascade, the whole branch goes, and a receipt says what', async () => {
    const { client, key } = newCaller(endpoints);
    const { root, left, leaf, right } = await branches(client);
    const api = chainsApi(endpoints, key);
    const first = await api.remove(`openai/v1/responses/${left}?cascade=true`);
    expect(first.removed).toMatchObject({ responses: [left, leaf], unfinished: 0 });
    expect(await api.remove(`openai/v1/responses/${left}?cascade=true`)).toEqual(first);
    await expect(client.responses.retrieve(leaf)).rejects.toThrow(OpenAI.NotFoundError);
    for (const id of [root, right]) expect((await client.responses.retrieve(id)).status).toBe('completed');
  });

  it('a chain goes as a whole, and a repeated deletion gives the same receipt', async () => {
    const { client, key } = newCaller(endpoints);
    const { root, left, leaf, right } = await branches(client);
    const api = chainsApi(endpoints, key);
    const path = `chains/${chainIdOf(root)}`;
    const first = await api.remove(path);
    expect(first.removed?.responses.toSorted()).toEqual([root, left, leaf, right].toSorted());
    expect(first.removed?.unfinished).toBe(0);
    expect(await api.remove(path)).toEqual(first);
    expect((await api.list()).data).toEqual([]);
    expect(await api.status('GET', path)).toBe(404);
    await expect(
      client.responses.create({ model: 'gpt-4.1', input: 'more', previous_response_id: leaf }),
    ).rejects.toMatchObject({ status: 400, code: 'previous_response_not_found' });
  });

  it('the last response of a chain takes the chain out of the list', async () => {
    const { client, key } = newCaller(endpoints);
    const { id } = await client.responses.create({ model: 'gpt-4.1', input: 'alone' });
    await client.responses.delete(id);
    expect((await chainsApi(endpoints, key).list()).data).toEqual([]);
  });

  it('a deleted ancestor is not skipped when the context has to be rebuilt', async () => {
    const { client } = newCaller(endpoints);
    const { root, leaf } = await branches(client);
    await client.responses.delete(root);
    // The service has lost the ancestor with it, and the transcript has a hole.
    await expect(
      client.responses.create({ model: 'gpt-4.1', input: 'more', previous_response_id: leaf }),
    ).rejects.toMatchObject({ status: 400, code: 'previous_response_not_found' });
  });
});
