import { expect, inject, it } from 'vitest';
import { z } from 'zod';
import { newCaller, openDatabase } from '../../support/world.ts';

const endpoints = inject('endpoints');
const model = 'gpt-4.1';

it('a hundred forks of one parent know what it knew, and nothing of each other', async () => {
  const { client } = newCaller(endpoints);
  const parent = await client.responses.create({ model, input: 'My name is Ada.' });
  const ask = (fork: number) =>
    client.responses.create({
      model,
      input: `The code word is W${fork}X. What is my name?`,
      previous_response_id: parent.id,
    });
  const made: Awaited<ReturnType<typeof ask>>[] = [];
  for (let from = 0; from < 100; from += 10) {
    made.push(...(await Promise.all(Array.from({ length: 10 }, (_, index) => ask(from + index)))));
  }
  expect(made.every(({ output_text }) => output_text.includes('Ada'))).toBe(true);
  expect(new Set(made.map(({ id }) => id)).size).toBe(100);
  const last = made.at(-1)?.id ?? '';
  const next = await client.responses.create({ model, input: 'What is the code word?', previous_response_id: last });
  expect(next.output_text).toContain('W99X');
  expect((await client.responses.inputItems.list(last)).data).toHaveLength(3);
}, 60_000);

const document = z.looseObject({ depth: z.number() });

it('the document of a late turn is no larger than that of an early one', async () => {
  const { client } = newCaller(endpoints);
  let id: string | undefined;
  for (let turn = 0; turn < 60; turn += 1) {
    ({ id } = await client.responses.create({ model, input: 'Say: noted', previous_response_id: id }));
  }
  const { resources } = await (
    await openDatabase(endpoints)
  )
    .container('chains')
    .items.query({
      query: 'SELECT * FROM c WHERE c.chainId = @chain ORDER BY c.depth',
      parameters: [{ name: '@chain', value: (id ?? '').slice(5, 29) }],
    })
    .fetchAll();
  const sizes = z
    .array(document)
    .parse(resources)
    .map((each) => JSON.stringify(each).length);
  expect(sizes).toHaveLength(60);
  expect(sizes.at(-1)).toBeLessThan((sizes[2] ?? 0) * 1.1);
}, 60_000);
