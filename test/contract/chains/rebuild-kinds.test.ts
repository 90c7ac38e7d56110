import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { isObject } from '../../../src/upstream/wire.ts';
import { forget, moveAway } from '../../support/forgetting.ts';
import { startMcpServer, type TestMcpServer } from '../../support/mcp-server.ts';
import { ALL_TYPES, KINDS, turnOf, turnsOf, type Kind, type TurnMaker } from '../../support/item-kinds.ts';
import { rawCaller, type RawAnswer } from '../../support/raw.ts';
import { steer } from '../../support/simulator.ts';
import { newCaller } from '../../support/world.ts';

const endpoints = inject('endpoints');
let mcp: TestMcpServer;
beforeAll(async () => {
  mcp = await startMcpServer();
});
afterAll(() => mcp.stop());

/** Types that the API takes as input with their id only. */
const NAMED =
  /^(computer_call|code_interpreter_call|web_search_call|file_search_call|mcp_(call|list_tools|approval_request)|local_shell_call(_output)?|program(_output)?)$/;

const sentItem = z
  .looseObject({ type: z.string(), id: z.string().optional() })
  .refine(({ type, id }) => !NAMED.test(type) || id !== undefined, 'has no id')
  .refine(({ id }) => !/_gw/.test(id ?? ''), 'has an id that only the gateway knows');
const sentRequest = z.looseObject({ input: z.array(sentItem) });

/** Types that were seen in some record on the way. */
const seen = new Set(['item_reference', 'compaction_trigger']);

/** An opening, the turns of the kind, and a closing of plain text. */
async function chainOf(kind: Kind, maker: TurnMaker): Promise<RawAnswer[]> {
  const root = await turnOf(maker.caller, { input: 'My name is Ada.' });
  const chain = [root, ...(await turnsOf(kind, maker, root))];
  return [...chain, await turnOf(maker.caller, { input: 'Say hello' }, chain.at(-1))];
}

function newMaker(): TurnMaker {
  const { key, client } = newCaller(endpoints);
  return { caller: rawCaller(endpoints, key), client, mcpUrl: mcp.url };
}

/** The items that the service is told when the chain is continued after a loss. */
async function toldAgain({ caller }: TurnMaker, last: RawAnswer | undefined): Promise<z.infer<typeof sentItem>[]> {
  const azure = steer(endpoints);
  const next = await turnOf(caller, { input: 'What is my name?', metadata: { marker: azure.marker } }, last);
  expect(next.headers.get('x-context-rebuilt')).toBe('true');
  expect(JSON.stringify(next.body.output)).toContain('Ada');
  const [told] = (await azure.requests()).filter(({ body }) => isObject(body) && !('previous_response_id' in body));
  const { input } = sentRequest.parse(told?.body);
  // The closing turn, and the question itself, are plain text.
  expect(input.slice(-3).map((item) => item.type)).toEqual(['message', 'message', 'message']);
  return input.slice(0, -3);
}

async function loseAndGoOn(kind: Kind, depth: number): Promise<void> {
  const maker = newMaker();
  const chain = await chainOf(kind, maker);
  const last = chain.at(-1);
  const context = await maker.caller.call('GET', `/responses/${last?.body.id}/input_items?limit=100`);
  for (const { type } of context.body.data ?? []) seen.add(String(type));
  await forget(endpoints, chain[depth]?.body.id ?? '');
  const told = await toldAgain(maker, last);
  const opening = kind.from === 'compaction' ? [] : ['message', 'message'];
  expect(told.map((item) => item.type)).toEqual([...opening, ...kind.told]);
}

describe('told again, wherever the loss was', () => {
  it.concurrent.each(KINDS)('$name', async (kind) => {
    const depths = Array.from({ length: kind.turns.length + 2 }, (_, depth) => depth);
    await Promise.all(depths.map((depth) => loseAndGoOn(kind, depth)));
  });
});

it('what was sealed by another resource is left out, and what its compactions stood for is told in full', async () => {
  const maker = newMaker();
  const kinds = KINDS.filter(({ name }) => /sealed reasoning|asked for by an item/.test(name));
  expect(kinds).toHaveLength(2);
  const root = await turnOf(maker.caller, { input: 'My name is Ada.' });
  const chain = [root];
  for (const kind of kinds) chain.push(...(await turnsOf(kind, maker, chain.at(-1) ?? root)));
  chain.push(await turnOf(maker.caller, { input: 'Say hello' }, chain.at(-1)));
  for (const { body } of chain) await moveAway(endpoints, body.id ?? '');
  const told = await toldAgain(maker, chain.at(-1));
  expect(new Set(told.map((item) => item.type))).toEqual(new Set(['message']));
  expect(JSON.stringify(told)).toContain('My name is Ada.');
});

it('no type of item is left out', () => {
  expect(ALL_TYPES.filter((type) => !seen.has(type))).toEqual([]);
});
