import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { startBlobDoor, type BlobDoor } from '../../support/blob-door.ts';
import { chainIdOf } from '../../support/chains.ts';
import {
  collect,
  eventsOf,
  faultsOf,
  openStream,
  resumeStream,
  textOf,
  type StreamEvent,
} from '../../support/event-stream.ts';
import { startDoorHost, type SecondHost } from '../../support/second-host.ts';
import { steer, type Steering } from '../../support/simulator.ts';
import { clientFor, newCaller, openBlobs } from '../../support/world.ts';

const endpoints = inject('endpoints');
const PATIENCE = { timeout: 60_000, interval: 100 };
/** More than a record holds itself: it lies in the container `payloads`. */
const LONG = 'x'.repeat(100_000);
const LONG_WORD = 'x'.repeat(2_000);
const LONG_ANSWER = Array(50).fill(LONG_WORD).join(' ');
/** Short itself, with an answer that a record does not hold. */
const ASK_LONG = `Say "${LONG_WORD}" 50 times`;

let door: BlobDoor;
let host: SecondHost;
beforeAll(async () => {
  door = await startBlobDoor(endpoints);
  host = await startDoorHost(endpoints, { DataStorage__blobServiceUri: door.blobServiceUri });
});
afterEach(() => door.open());
afterAll(async () => {
  await host.stop();
  await door.stop();
});

interface Given {
  key: string;
  client: ReturnType<typeof clientFor>;
  azure: Steering;
}

function given(): Given {
  const { key } = newCaller(endpoints);
  return { key, client: clientFor({ ...endpoints, gateway: host.gateway }, key), azure: steer(endpoints) };
}

const create = ({ key }: Given, body: Record<string, unknown>): Promise<Response> =>
  openStream(host, key, { background: false, stream: false, ...body });

async function namesIn(container: string, prefix: string): Promise<string[]> {
  const names: string[] = [];
  const shelf = (await openBlobs(endpoints)).getContainerClient(container);
  for await (const { name } of shelf.listBlobsFlat({ prefix })) names.push(name);
  return names;
}

const read = ({ key }: Given, path: string): Promise<Response> =>
  fetch(`${host.gateway}/openai/v1${path}`, { headers: { 'api-key': key } });

/** A long input, an image and a long answer, accepted while there are blobs. */
async function beginRuns(): Promise<{ run: Given; id: string }[]> {
  const orders = [
    { input: LONG },
    { input: 'Draw a red square', tools: [{ type: 'image_generation' as const }] },
    { input: ASK_LONG },
  ];
  return Promise.all(
    orders.map(async ({ input, ...order }) => {
      const run = given();
      await run.azure.plan('create', { kind: 'pace', runningMs: 700 });
      const body = { model: 'gpt-4.1', input: `${input} ${run.azure.marker}`, background: true, ...order };
      return { run, id: (await run.client.responses.create(body)).id };
    }),
  );
}

/** An image and a long context, stored while there are blobs, and the addresses that need them. */
async function storeThings({ client }: Given): Promise<{ parent: string; picture: string; paths: string[] }> {
  const long = await client.responses.create({ model: 'gpt-4.1', input: LONG });
  const tools = [{ type: 'image_generation' as const }];
  const { id, output } = await client.responses.create({ model: 'gpt-4.1', input: 'Draw a red square', tools });
  const item = output.find(({ type }) => type === 'image_generation_call')?.id ?? '';
  const picture = `/responses/${id}/images/${item}`;
  return { parent: long.id, picture, paths: [`/responses/${long.id}/input_items`, `/responses/${id}`, picture] };
}

async function upload({ key }: Given): Promise<Response> {
  const form = new FormData();
  form.set('purpose', 'assistants');
  form.set('file', new File(['hello'], 'notes.txt'));
  return fetch(`${host.gateway}/openai/v1/files`, { method: 'POST', headers: { 'api-key': key }, body: form });
}

describe('while Blob Storage is out', () => {
  /** One outage for all: it takes the storage SDK a quarter of a minute to give up. */
  let outage: Awaited<ReturnType<typeof sufferOutage>>;
  async function sufferOutage() {
    const [plain, streamed, drawn, polled, live, uploading, earlier] = [
      given(),
      given(),
      given(),
      given(),
      given(),
      given(),
      given(),
    ];
    const things = await storeThings(earlier);
    const runs = await beginRuns();
    const longLive = given();
    await longLive.azure.plan('create', { kind: 'pace', runningMs: 700 });
    const watched = eventsOf(await openStream(host, longLive.key, { input: `${ASK_LONG} ${longLive.azure.marker}` }));
    const longId = ((await watched.next()).value as StreamEvent).response?.id ?? '';
    door.shut(/./);
    const [answer, stream, drawing, accepted, opened, uploaded, child, ...reads] = await Promise.all([
      create(plain, { input: `Say ${plain.azure.marker} ${LONG}` }),
      create(streamed, { input: `Say ${streamed.azure.marker} ${LONG}`, stream: true }).then(collect),
      create(drawn, { input: `Draw ${drawn.azure.marker}`, tools: [{ type: 'image_generation' }] }),
      create(polled, { input: `Say ${polled.azure.marker} ${LONG}`, background: true }),
      openStream(host, live.key, { input: `Say ${live.azure.marker}` }),
      upload(uploading),
      create(earlier, { input: 'Say more', previous_response_id: things.parent }),
      ...things.paths.map((path) => read(earlier, path)),
    ]);
    // The end of the one with an image has not been written either.
    await vi.waitFor(() => expect(host.lines().join('')).toContain('advanceResponse'), PATIENCE);
    const statuses = await Promise.all(
      runs.map(async ({ run, id }) => (await run.client.responses.retrieve(id)).status),
    );
    door.open();
    return {
      paid: { answer, stream, drawing, by: [plain, streamed, drawn] },
      refused: { answers: [accepted, opened, uploaded, ...reads], by: [polled, live], uploading },
      earlier: { given: earlier, child, ...things },
      runs: [...runs, { run: longLive, id: longId }],
      statuses,
    };
  }
  beforeAll(async () => {
    outage = await sufferOutage();
  });

  it('what is paid is answered, and says that it is not stored', async () => {
    const { answer, stream, drawing, by } = outage.paid;
    expect(await answer.json()).toMatchObject({ status: 'completed', store: false });
    expect(faultsOf(stream)).toEqual([]);
    expect(stream.at(-1)?.response).toMatchObject({ status: 'completed', store: false });
    expect(await drawing.json()).toMatchObject({
      status: 'completed',
      store: false,
      output: expect.arrayContaining([expect.objectContaining({ result: expect.stringMatching(/^iVBOR/) })]),
    });
    for (const { client, azure } of by) {
      expect(await azure.runs()).toBe(1);
      expect((await client.get<{ data: unknown[] }>('/responses')).data).toEqual([]);
    }
  });

  it('what would need it is refused before anything is paid, leaves nothing, and works again behind it', async () => {
    for (const answer of outage.refused.answers) {
      expect(await answer.json()).toMatchObject({ error: { code: 'store_unavailable' } });
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, expect.stringMatching(/^\d+$/)]);
    }
    for (const { client, azure } of outage.refused.by) {
      expect((await azure.counts()).received.create ?? 0).toBe(0);
      expect((await client.get<{ data: unknown[] }>('/responses')).data).toEqual([]);
    }
    expect((await outage.refused.uploading.client.files.list()).data).toEqual([]);
    for (const path of outage.earlier.paths) expect((await read(outage.earlier.given, path)).status).toBe(200);
  });

  it('a turn that needs nothing of it is answered as ever', () => {
    expect(outage.earlier.child.status).toBe(200);
  });

  it('a run that was accepted before waits for it, and is paid once', async () => {
    // The long one has put its input aside when it was accepted: its end needs no blob.
    const live: unknown = expect.stringMatching(/^(queued|in_progress)$/);
    expect(outage.statuses).toEqual(['completed', live, live]);
    for (const { run, id } of outage.runs) {
      await expect.poll(async () => (await run.client.responses.retrieve(id)).status, PATIENCE).toBe('completed');
      expect(await run.azure.runs()).toBe(1);
    }
    const [, drawn, ...long] = outage.runs;
    expect(await namesIn('images', `${chainIdOf(drawn?.id ?? '')}/`)).toHaveLength(1);
    for (const { run, id } of long) {
      expect((await run.client.responses.retrieve(id)).output_text).toBe(LONG_ANSWER);
      expect(await namesIn('payloads', `${chainIdOf(id)}/`)).toContainEqual(expect.stringContaining('/output-'));
    }
    const streamed = long.at(-1);
    const events = await collect(await resumeStream(host, streamed?.run.key ?? '', streamed?.id ?? ''));
    expect(faultsOf(events)).toEqual([]);
    expect(textOf(events)).toBe(LONG_ANSWER);
  }, 60_000);
});

describe('a stream whose log cannot be written', () => {
  it.each([
    ['appends', /comp=appendblock/],
    ['its lease', /comp=lease/],
    ['all of its log', /\/events\//],
  ])(
    '(%s) goes on, and its log is whole',
    async (_what, requests) => {
      const { key, azure, client } = given();
      await azure.plan('create', { kind: 'slow', betweenMs: 60 });
      const running = eventsOf(await openStream(host, key, { input: `Count to 20 and say ${azure.marker}` }));
      const events = [(await running.next()).value as StreamEvent];
      const id = events[0]?.response?.id ?? '';
      door.shut(requests);
      const reading = (async () => {
        for await (const event of running) events.push(event);
      })();
      await expect.poll(() => door.refused(), PATIENCE).toBeGreaterThan(1);
      door.open();
      await reading;
      expect(faultsOf(events)).toEqual([]);
      await expect.poll(async () => (await client.responses.retrieve(id)).status, PATIENCE).toBe('completed');
      expect(await collect(await resumeStream(host, key, id))).toEqual(events);
      expect(await azure.runs()).toBe(1);
    },
    90_000,
  );
});
