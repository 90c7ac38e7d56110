import OpenAI, { toFile } from 'openai';
import { describe, expect, inject, it } from 'vitest';
import { chainIdOf, chainsApi } from '../../support/chains.ts';
import { textPdf } from '../../support/pdfs.ts';
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

  it('a container of the code interpreter goes with the last response that names it, unless its owner made it', async () => {
    const { client, key } = newCaller(endpoints);
    const compute = async (container: string | { type: 'auto' }, previous_response_id?: string) => {
      const tools = [{ type: 'code_interpreter' as const, container }];
      const made = await client.responses.create({
        model: 'gpt-4.1',
        input: 'Compute 12 * 12',
        tools,
        previous_response_id,
      });
      const call = made.output.find((item) => item.type === 'code_interpreter_call');
      return { id: made.id, container: call?.container_id ?? '' };
    };
    const root = await compute({ type: 'auto' });
    const again = await compute({ type: 'auto' }, root.id);
    expect(again.container).toBe(root.container);
    const elsewhere = await compute(root.container);
    const mine = await client.containers.create({ name: 'mine' });
    expect((await compute(mine.id, again.id)).container).toBe(mine.id);

    const api = chainsApi(endpoints, key);
    const first = await api.remove(`chains/${chainIdOf(root.id)}`);
    expect(first.removed).toMatchObject({ containers: [], unfinished: 0 });
    for (const id of [root.container, mine.id]) expect((await client.containers.retrieve(id)).id).toBe(id);
    const last = await api.remove(`chains/${chainIdOf(elsewhere.id)}`);
    expect(last.removed?.containers).toEqual([root.container]);
    await expect(client.containers.retrieve(root.container)).rejects.toThrow(OpenAI.NotFoundError);
    expect((await client.containers.retrieve(mine.id)).name).toBe('mine');
  });

  it('an uploaded file goes with the last chain that names it, and the receipt says which one that was', async () => {
    const { client, key } = newCaller(endpoints);
    const file = await client.files.create({
      purpose: 'assistants',
      file: await toFile(await textPdf(['The ferry leaves at noon.']), 'ferry.pdf'),
    });
    const content = [{ type: 'input_file' as const, file_id: file.id }];
    const ask = () => client.responses.create({ model: 'gpt-4.1', input: [{ role: 'user', content }] });
    const [one, other] = [await ask(), await ask()];
    const api = chainsApi(endpoints, key);
    expect((await api.remove(`chains/${chainIdOf(one.id)}`)).removed?.files).toEqual([]);
    expect((await client.files.retrieve(file.id)).id).toBe(file.id);
    expect((await api.remove(`chains/${chainIdOf(other.id)}`)).removed?.files).toEqual([file.id]);
    await expect(client.files.retrieve(file.id)).rejects.toThrow(OpenAI.NotFoundError);
  });

  it('takes nothing away that a foreign id names, wherever that stood in the request', async () => {
    const owner = newCaller(endpoints);
    const file = await owner.client.files.create({
      purpose: 'assistants',
      file: await toFile(await textPdf(['Mine alone.']), 'mine.pdf'),
    });
    const thief = newCaller(endpoints);
    const annotations = [{ type: 'file_citation' as const, file_id: file.id, filename: 'mine.pdf', index: 0 }];
    const { id } = await thief.client.responses.create({
      model: 'gpt-4.1',
      input: [
        {
          type: 'message',
          role: 'assistant',
          id: 'msg_1',
          status: 'completed',
          content: [{ type: 'output_text', text: 'See the file.', annotations }],
        },
        { role: 'user', content: 'Thanks' },
      ],
    });
    const { removed } = await chainsApi(endpoints, thief.key).remove(`chains/${chainIdOf(id)}`);
    expect(removed).toMatchObject({ files: [], unfinished: 0 });
    const content = [{ type: 'input_file' as const, file_id: file.id }];
    const read = await owner.client.responses.create({ model: 'gpt-4.1', input: [{ role: 'user', content }] });
    expect(read.output_text).toContain('Mine alone');
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
