import { expect, test } from 'vitest';
import { Talk } from './turns.ts';

test.each(['file_search', 'local_shell', 'apply_patch', 'made_up'])('refuses the tool %s aloud', async (type) => {
  await expect(new Talk().send({ input: 'Hi', tools: [{ type }] })).rejects.toMatchObject({
    status: 400,
    param: 'tools[0].type',
    message: expect.stringContaining('It plays:') as string,
  });
});

test('refuses connectors, which have no address', async () => {
  const tools = [{ type: 'mcp', server_label: 'mail', connector_id: 'connector_gmail' }];
  await expect(new Talk().send({ input: 'Hi', tools })).rejects.toMatchObject({ status: 400 });
});

test('plays a web search without inventing a source', async () => {
  const answer = await new Talk().send({
    input: 'Search the web for otters.',
    tools: [{ type: 'web_search_preview' }],
  });
  expect(answer.types).toEqual(['web_search_call', 'message']);
  expect(answer.items[0]).toMatchObject({ status: 'completed', action: { type: 'search' } });
  expect(answer.text).toContain('no web');
});
