import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isBody, startSimulator, type Body, type Simulator } from './simulator.ts';

let azure: Simulator;
beforeAll(async () => {
  azure = await startSimulator();
});
afterAll(() => azure.stop());

const dataOf = (body: Body): Body[] => (Array.isArray(body.data) ? body.data.filter(isBody) : []);
const idsOf = (body: Body): unknown[] => dataOf(body).map(({ id }) => id);

async function pathOf(input: unknown): Promise<string> {
  const { body } = await azure.create({ input });
  return `/responses/${String(body.id)}/input_items`;
}

const messages = (count: number): Body[] =>
  Array.from({ length: count }, (_, index) => ({ role: 'user', content: `${index}` }));

describe('input items', () => {
  it('are listed newest first, with stable ids', async () => {
    const path = await pathOf(messages(3));
    const { body } = await azure.send('GET', path);
    expect(body).toMatchObject({ object: 'list', has_more: false });
    expect(dataOf(body).map(({ content }) => content)).toMatchObject([
      [{ text: '2' }],
      [{ text: '1' }],
      [{ text: '0' }],
    ]);
    expect([body.first_id, body.last_id]).toEqual([idsOf(body)[0], idsOf(body)[2]]);
    expect((await azure.send('GET', path)).body).toEqual(body);
  });

  it('are paged in both directions', async () => {
    const path = await pathOf(messages(5));
    const all = idsOf((await azure.send('GET', `${path}?order=asc`)).body);
    const page = (await azure.send('GET', `${path}?order=asc&limit=2&after=${String(all[0])}`)).body;
    expect(idsOf(page)).toEqual(all.slice(1, 3));
    expect(page.has_more).toBe(true);
    const before = (await azure.send('GET', `${path}?order=asc&before=${String(all[2])}`)).body;
    expect(idsOf(before)).toEqual(all.slice(0, 2));
    expect(before.has_more).toBe(false);
  });

  it('come page by page through the SDK', async () => {
    const { body } = await azure.create({ input: messages(45) });
    const seen: (string | undefined)[] = [];
    for await (const item of azure.client.responses.inputItems.list(String(body.id)))
      seen.push('id' in item ? item.id : '');
    expect(new Set(seen).size).toBe(45);
  });

  it('hold the earlier turns with their answers, but not this one’s', async () => {
    const first = (await azure.create({ input: 'one' })).body;
    const second = (await azure.create({ input: 'two', previous_response_id: first.id })).body;
    const { body } = await azure.send('GET', `/responses/${String(second.id)}/input_items?order=asc`);
    expect(dataOf(body).map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
  });

  it('keep the ids that the caller gave', async () => {
    const { body } = await azure.send('GET', await pathOf([{ id: 'msg_mine', role: 'user', content: 'x' }]));
    expect(idsOf(body)).toEqual(['msg_mine']);
  });

  it('show image data only when asked', async () => {
    const image_url = 'data:image/png;base64,aGk=';
    const path = await pathOf([{ role: 'user', content: [{ type: 'input_image', image_url }] }]);
    const shownAt = async (query: string) => dataOf((await azure.send('GET', path + query)).body)[0]?.content;
    expect(await shownAt('')).toMatchObject([{ image_url: null }]);
    expect(await shownAt('?include[]=message.input_image.image_url')).toMatchObject([{ image_url }]);
    expect(await shownAt('?include=message.input_image.image_url')).toMatchObject([{ image_url }]);
  });

  it.each(['limit=0', 'limit=101', 'limit=x', 'order=sideways', 'include[]=all'])('refuse %s', async (query) => {
    expect((await azure.send('GET', `${await pathOf('x')}?${query}`)).status).toBe(400);
  });
});

describe('the list of responses', () => {
  it('gives the newest first, in pages', async () => {
    const ids: unknown[] = [];
    for (let count = 0; count < 3; count += 1) ids.unshift((await azure.create({ input: 'x' })).body.id);
    const first = (await azure.send('GET', '/responses?limit=2')).body;
    expect(idsOf(first)).toEqual(ids.slice(0, 2));
    expect(first.has_more).toBe(true);
    const second = (await azure.send('GET', `/responses?limit=1&after=${String(ids[1])}`)).body;
    expect(idsOf(second)).toEqual(ids.slice(2));
  });
});
