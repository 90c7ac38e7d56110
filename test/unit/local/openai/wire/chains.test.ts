import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Think } from '../../../../../local/openai/turn.ts';
import {
  echo,
  errorOf,
  isBody,
  messageOf,
  outputText,
  startSimulator,
  USAGE,
  type Body,
  type Simulator,
} from './simulator.ts';

/** Calls a function when told so, reasons with a seal when told so, and repeats the conversation otherwise. */
const think: Think = async function* (turn) {
  if (JSON.stringify(turn.request.input) === '"call"') {
    yield {
      id: turn.newId('fc'),
      type: 'function_call',
      call_id: turn.newId('call'),
      name: 'f',
      arguments: '{}',
      status: 'completed',
    };
    return { status: 'completed', usage: USAGE };
  }
  if (turn.request.input === 'count') {
    yield messageOf(turn, `${turn.context.length} items`);
    return { status: 'completed', usage: USAGE };
  }
  if (turn.context.at(-1)?.type === 'compaction_trigger') {
    yield { id: turn.newId('cmp'), type: 'compaction', encrypted_content: turn.seal(String(turn.context.length)) };
    return { status: 'completed', usage: USAGE };
  }
  if (turn.request.reasoning !== undefined) {
    yield { id: turn.newId('rs'), type: 'reasoning', summary: [], encrypted_content: turn.seal('a thought') };
  }
  return yield* echo(turn);
};

let azure: Simulator;
beforeAll(async () => {
  azure = await startSimulator({ think });
});
afterAll(() => azure.stop());

const create = async (body: Body): Promise<Body> => (await azure.create(body)).body;
const output = (body: Body): Body[] => (Array.isArray(body.output) ? body.output.filter(isBody) : []);

describe('previous_response_id', () => {
  it('remembers every turn, in order, and any of them can be continued', async () => {
    const first = await create({ input: 'one' });
    const second = await create({ input: 'two', previous_response_id: first.id });
    expect(outputText(second)).toBe('one | one | two');
    expect(second.previous_response_id).toBe(first.id);
    const fork = await create({ input: 'other', previous_response_id: first.id });
    expect(outputText(fork)).toBe('one | one | other');
  });

  it('does not carry instructions over', async () => {
    const first = await create({ input: 'one', instructions: 'Be brief.' });
    expect((await create({ input: 'two', previous_response_id: first.id })).instructions).toBeNull();
  });

  it.each(['store:false', 'deleted', 'below a deleted one'])('refuses a parent that is %s', async (how) => {
    const first = await create({ input: 'one', store: how !== 'store:false' });
    const second = how === 'below a deleted one' ? await create({ input: 'x', previous_response_id: first.id }) : first;
    if (how !== 'store:false') await azure.send('DELETE', `/responses/${String(first.id)}`);
    const refused = await azure.create({ input: 'two', previous_response_id: second.id });
    expect(refused.status).toBe(400);
    expect(errorOf(refused).code).toBe('previous_response_not_found');
  });

  it('refuses a parent that has not finished', async () => {
    const running = await create({ input: 'slow', background: true });
    const refused = await azure.create({ input: 'two', previous_response_id: running.id });
    expect(errorOf(refused)).toMatchObject({ param: 'previous_response_id', code: null });
    await azure.until(running.id, 'completed');
  });

  it('wants the outputs of the calls that the parent made', async () => {
    const calling = await create({ input: 'call' });
    const [call] = output(calling);
    const missing = await azure.create({ input: 'and?', previous_response_id: calling.id });
    expect(errorOf(missing).message).toBe(`No tool output found for function call ${String(call?.call_id)}.`);
    const answer = [{ type: 'function_call_output', call_id: call?.call_id, output: '42' }];
    expect((await azure.create({ input: answer, previous_response_id: calling.id })).status).toBe(200);
  });

  it('refuses items that it knows already from the chain', async () => {
    const first = await create({ input: 'one' });
    const refused = await azure.create({ input: output(first), previous_response_id: first.id });
    expect(errorOf(refused).message).toMatch(/^Duplicate item found with id msg_/);
  });

  it('goes on for 200 turns', async () => {
    let last: Body = {};
    for (let turn = 0; turn < 200; turn += 1) last = await create({ input: 'count', previous_response_id: last.id });
    expect(outputText(last)).toBe('399 items');
  });
});

describe('an item reference', () => {
  it('stands for the stored item', async () => {
    const first = await create({ input: 'one' });
    const input = [
      { type: 'item_reference', id: output(first)[0]?.id },
      { role: 'user', content: 'two' },
    ];
    expect(outputText(await create({ input }))).toBe('one | two');
  });

  it('is refused when the item was not stored', async () => {
    const first = await create({ input: 'one', store: false });
    const refused = await azure.create({ input: [{ type: 'item_reference', id: output(first)[0]?.id }] });
    expect(refused.status).toBe(404);
    expect(errorOf(refused).message).toContain('Items are not persisted when `store` is set to false');
  });
});

describe('sealed content', () => {
  const reasoning = {
    model: 'o3',
    reasoning: { effort: 'low' },
    store: false,
    include: ['reasoning.encrypted_content'],
  };

  it('comes back to the resource that made it, and to no other', async () => {
    const first = await create({ ...reasoning, input: 'one' });
    const items = output(first);
    expect(items[0]).toMatchObject({ type: 'reasoning', encrypted_content: expect.any(String) });
    const next = { ...reasoning, input: [...items, { role: 'user', content: 'two' }] };
    expect((await azure.create(next)).status).toBe(200);
    const other = await startSimulator({ think });
    const refused = await other.create(next);
    await other.stop();
    expect(refused.status).toBe(400);
    expect(errorOf(refused).code).toBe('invalid_encrypted_content');
  });

  it('is shown only when it was asked for, or when nothing is stored', async () => {
    const sealedIn = async (body: Body) =>
      'encrypted_content' in (output(await create({ model: 'o3', reasoning: {}, input: 'x', ...body }))[0] ?? {});
    expect(await sealedIn({})).toBe(false);
    expect(await sealedIn({ include: ['reasoning.encrypted_content'] })).toBe(true);
    expect(await sealedIn({ store: false })).toBe(true);
  });

  it('lets reasoning without it stand for what is stored', async () => {
    const stored = await create({ model: 'o3', reasoning: {}, input: 'one' });
    expect(
      (await azure.create({ model: 'o3', input: [...output(stored), { role: 'user', content: 'x' }] })).status,
    ).toBe(200);
    const lost = { type: 'reasoning', id: 'rs_0000000000000000000000000000000000', summary: [] };
    expect((await azure.create({ model: 'o3', input: [lost] })).status).toBe(404);
  });
});

describe('compact', () => {
  it('gives the user messages and one item that stands for the rest', async () => {
    const first = await create({ input: 'one' });
    const { status, body } = await azure.send('POST', '/responses/compact', {
      model: 'gpt-4o',
      previous_response_id: first.id,
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({ object: 'response.compaction', usage: USAGE });
    expect(output(body).map(({ type, role }) => [type, role])).toEqual([
      ['message', 'user'],
      ['compaction', undefined],
    ]);
    const next = await create({ input: [...output(body), { role: 'user', content: 'two' }] });
    expect(outputText(next)).toBe('one | compaction | two');
    expect((await azure.send('GET', `/responses/${String(body.id)}`)).status).toBe(404);
  });

  it('wants a model and something to compact', async () => {
    const compact = async (body: Body) => (await azure.send('POST', '/responses/compact', body)).status;
    expect(await compact({ input: 'x' })).toBe(400);
    expect(await compact({ model: 'gpt-4o' })).toBe(400);
    expect(await compact({ model: 'gpt-4o', previous_response_id: 'resp_none' })).toBe(400);
  });
});

describe('input_tokens', () => {
  it('counts what a create would send', async () => {
    const count = async (body: Body) => (await azure.send('POST', '/responses/input_tokens', body)).body;
    const short = await count({ model: 'gpt-4o', input: 'one' });
    expect(short).toMatchObject({ object: 'response.input_tokens' });
    const first = await create({ input: 'one' });
    const chained = await count({ model: 'gpt-4o', input: 'one', previous_response_id: first.id });
    expect(chained.input_tokens).toBeGreaterThan(Number(short.input_tokens));
  });
});

it('keeps the unknown keys of an input item', async () => {
  const first = await create({ input: [{ role: 'user', content: 'x', extra: 1 }] });
  const { body } = await azure.send('GET', `/responses/${String(first.id)}/input_items`);
  expect(body.data).toMatchObject([
    { type: 'message', role: 'user', extra: 1, content: [{ type: 'input_text', text: 'x' }] },
  ]);
});
