import { describe, expect, inject, it } from 'vitest';
import {
  collect,
  eventsOf,
  faultsOf,
  openStream,
  resumeStream,
  textOf,
  type StreamEvent,
} from '../../support/event-stream.ts';
import { steer } from '../../support/simulator.ts';
import { newCaller, openBlobs } from '../../support/world.ts';

const endpoints = inject('endpoints');

describe('a background response that streams', () => {
  it('streams to its caller, complete and in our ids, and stays readable', async () => {
    const { key, client } = newCaller(endpoints);
    const azure = steer(endpoints);
    const events = await collect(await openStream(endpoints, key, { input: `Say ${azure.marker}` }));
    expect(faultsOf(events)).toEqual([]);
    const id = events[0]?.response?.id ?? '';
    const stored = await client.responses.retrieve(id);
    expect(stored.status).toBe('completed');
    expect(textOf(events)).toBe(stored.output_text);
    expect(events.at(-1)?.response).toMatchObject({ id, status: 'completed' });
    expect(await azure.runs()).toBe(1);
  });

  it('gives late viewers the same events, all of them or behind a number', async () => {
    const { key } = newCaller(endpoints);
    const events = await collect(await openStream(endpoints, key, { input: 'Say good morning' }));
    const id = events[0]?.response?.id ?? '';
    const [all, rest, nothing] = await Promise.all([
      resumeStream(endpoints, key, id).then(collect),
      resumeStream(endpoints, key, id, 4).then(collect),
      resumeStream(endpoints, key, id, events.length - 1).then(collect),
    ]);
    expect(all).toEqual(events);
    expect(rest).toEqual(events.slice(5));
    expect(nothing).toEqual([]);
  });

  it('can be followed while it runs, by anybody who may read it', async () => {
    const { key } = newCaller(endpoints);
    const azure = steer(endpoints);
    await azure.plan('create', { kind: 'slow', betweenMs: 30 });
    const live = eventsOf(await openStream(endpoints, key, { input: `Say ${azure.marker}` }));
    const first = (await live.next()).value as StreamEvent;
    const id = first.response?.id ?? '';
    const [viewer, second, owner] = await Promise.all([
      resumeStream(endpoints, key, id).then(collect),
      resumeStream(endpoints, key, id, 2).then(collect),
      rest(first, live),
    ]);
    expect(faultsOf(owner)).toEqual([]);
    expect(viewer).toEqual(owner);
    expect(second).toEqual(owner.slice(3));
    const stranger = await resumeStream(endpoints, newCaller(endpoints).key, id);
    expect(stranger.status).toBe(404);
  });

  it('waits for a viewer that is slower than the run, and leaves nothing out', async () => {
    const { key, client } = newCaller(endpoints);
    const live = await openStream(endpoints, key, { input: 'Count to 2000' });
    const events = eventsOf(live);
    const first = (await events.next()).value as StreamEvent;
    const id = first.response?.id ?? '';
    const viewer = eventsOf(await resumeStream(endpoints, key, id));
    const seen = (await viewer.next()).value as StreamEvent;
    const owner = await rest(first, events);
    expect((await client.responses.retrieve(id)).status).toBe('completed');
    // The run is over before this viewer takes its second event.
    expect(await rest(seen, viewer)).toEqual(owner);
    expect(owner.length).toBeGreaterThan(2_000);
  });

  it("works with the SDK's helper, live and resumed", async () => {
    const { client } = newCaller(endpoints);
    const stream = client.responses.stream({ model: 'gpt-4.1', input: 'Say hello', background: true });
    const final = await stream.finalResponse();
    expect(final.status).toBe('completed');
    const again = client.responses.stream({ response_id: final.id, starting_after: 3 });
    const numbers: number[] = [];
    again.on('event', (event) => numbers.push(event.sequence_number));
    expect((await again.finalResponse()).output_text).toBe(final.output_text);
    expect(Math.min(...numbers)).toBe(4);
  });

  it('is refused with a status when the service refuses, and leaves nothing behind', async () => {
    const { key, client } = newCaller(endpoints);
    const answer = await openStream(endpoints, key, { model: 'nope', input: 'x' });
    expect(answer.status).toBe(404);
    expect((await client.get<{ data: unknown[] }>('/responses')).data).toEqual([]);
  });

  it('says why another response cannot be streamed again', async () => {
    const { key, client } = newCaller(endpoints);
    const { id } = await client.responses.create({ model: 'gpt-4.1', input: 'x', background: true });
    const answer = await resumeStream(endpoints, key, id);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { code: 'not_resumable', param: 'stream' } });
  });

  it('makes the events of an image from the result, and keeps no base64 in a log', async () => {
    const { key } = newCaller(endpoints);
    const answer = await openStream(endpoints, key, {
      input: 'Draw a red square',
      tools: [{ type: 'image_generation' }],
    });
    const events = await collect(answer);
    expect(faultsOf(events)).toEqual([]);
    expect(events.map(({ type }) => type)).toContain('response.image_generation_call.partial_image');
    const id = events[0]?.response?.id ?? '';
    expect(await collect(await resumeStream(endpoints, key, id))).toEqual(events);
    expect(await logsOf(id)).toEqual([]);
    const linked = await fetch(`${endpoints.gateway}/openai/v1/responses/${id}?stream=true&images=url`, {
      headers: { 'api-key': key },
    }).then(collect);
    expect(linked.at(-1)?.response?.output).toContainEqual(
      expect.objectContaining({ result: null, result_url: expect.stringContaining(`${id}/images/`) }),
    );
  });

  it('takes its log with it when it is deleted, also while it runs', async () => {
    const { key, client } = newCaller(endpoints);
    const azure = steer(endpoints);
    await azure.plan('create', { kind: 'slow', betweenMs: 50 });
    const live = eventsOf(await openStream(endpoints, key, { input: `Say ${azure.marker}` }));
    const id = ((await live.next()).value as StreamEvent).response?.id ?? '';
    await expect.poll(() => logsOf(id)).toHaveLength(1);
    await client.delete(`/responses/${id}`);
    let last: StreamEvent | undefined;
    for await (const event of live) last = event;
    expect(last?.response).toMatchObject({ id, status: 'cancelled', model: 'gpt-4.1', output: [], tools: [] });
    expect(await logsOf(id)).toEqual([]);
  });
});

async function rest(first: StreamEvent, live: AsyncGenerator<StreamEvent>): Promise<StreamEvent[]> {
  const events = [first];
  for await (const event of live) events.push(event);
  return events;
}

async function logsOf(id: string): Promise<string[]> {
  const names: string[] = [];
  const prefix = `${id.slice(5, 29)}/${id}`;
  for await (const { name } of (await openBlobs(endpoints)).getContainerClient('events').listBlobsFlat({ prefix })) {
    names.push(name);
  }
  return names;
}
