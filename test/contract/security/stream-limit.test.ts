import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { collect, eventsOf, faultsOf, openStream, resumeStream, type StreamEvent } from '../../support/event-stream.ts';
import { rawCaller } from '../../support/raw.ts';
import { startDoorHost, type SecondHost } from '../../support/second-host.ts';
import { steer } from '../../support/simulator.ts';
import { newCaller } from '../../support/world.ts';

/** A host that gives its functions six seconds: streams end by themselves before it would end the process. */

const endpoints = inject('endpoints');
const { key } = newCaller(endpoints);

let host: SecondHost;
beforeAll(async () => {
  host = await startDoorHost(endpoints, { AzureFunctionsJobHost__functionTimeout: '00:00:06' });
});
afterAll(() => host.stop());

/** A prompt whose answer comes so slowly that it takes some ten seconds. */
async function slowPrompt(): Promise<string> {
  const azure = steer(endpoints);
  await azure.plan('create', { kind: 'slow', betweenMs: 100 }, { times: 'always' });
  return `Write 100 words about ${azure.marker}.`;
}

const idOf = (event: StreamEvent | undefined): string => event?.response?.id ?? '';

describe.concurrent('a stream that takes too long', () => {
  it('ends as a failure that says why, and is stored so', async () => {
    const events = await collect(await openStream(host, key, { input: await slowPrompt(), background: false }));
    expect(faultsOf(events)).toEqual([]);
    const why = { status: 'failed', error: { code: 'took_too_long' } };
    expect(events.at(-1)?.response).toMatchObject(why);
    const stored = await rawCaller(endpoints, key).call('GET', `/responses/${idOf(events[0])}`);
    expect(stored.body).toMatchObject(why);
  });

  it('of a background run ends with a word of where to go on, and nothing is missing there', async () => {
    const shown = await collect(await openStream(host, key, { input: await slowPrompt() }));
    const events = shown.slice(0, -1);
    const last = events.at(-1)?.sequence_number ?? -1;
    expect(shown.at(-1)).toMatchObject({
      type: 'error',
      code: 'took_too_long',
      message: expect.stringContaining(`/${idOf(shown[0])}?stream=true&starting_after=${last}`),
      sequence_number: last,
    });
    const rest = await collect(await resumeStream(endpoints, key, idOf(shown[0]), last));
    expect(faultsOf([...events, ...rest])).toEqual([]);
    expect(rest.at(-1)?.type).toBe('response.completed');
  });

  it('is no different for somebody who only looks on', async () => {
    const live = eventsOf(await openStream(endpoints, key, { input: await slowPrompt() }));
    const first = (await live.next()).value as StreamEvent;
    const seen = await collect(await resumeStream(host, key, idOf(first)));
    expect(seen.at(-1)).toMatchObject({ type: 'error', code: 'took_too_long' });
    // The run does not mind: its caller still gets events.
    expect((await live.next()).value).toMatchObject({ sequence_number: 1 });
    await rawCaller(endpoints, key).call('POST', `/responses/${idOf(first)}/cancel`);
    await live.return(undefined);
  });
});

it('the host never had to end anything', async () => {
  expect(host.lines().filter((line) => /time limit|Timeout value/i.test(line))).toEqual([]);
  expect((await fetch(`${host.gateway}/health`)).status).toBe(200);
});
