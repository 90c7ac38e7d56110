import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collect, faultsOf, openStream, resumeStream, textOf } from '../../support/event-stream.ts';
import { steer } from '../../support/simulator.ts';
import { newCaller, openDatabase, startWorld, type World } from '../../support/world.ts';

const PATIENCE = { timeout: 40_000, interval: 100 };

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

type Fault = [operation: string, fault: Record<string, unknown>, more?: { times?: number; skip?: number }];

interface Case {
  what: string;
  faults: Fault[];
  status: string;
  runs: number;
  possiblyDuplicated?: true;
}

// What vanishes at once has not run.
const CASES: Case[] = [
  {
    // First, because it takes longest: the gateway waits for half a minute.
    what: 'a submission that is never answered',
    faults: [['create', { kind: 'slow', beforeMs: 60_000 }]],
    status: 'completed',
    runs: 1,
    possiblyDuplicated: true,
  },
  {
    what: 'a submission that somebody on the way says took too long',
    faults: [['create', { kind: 'status', status: 408 }]],
    status: 'completed',
    runs: 1,
    possiblyDuplicated: true,
  },
  {
    what: "a proxy's page instead of an answer, and a role that is missing for a while",
    faults: [
      ['retrieve', { kind: 'status', status: 502, text: '<html>Bad gateway</html>' }, { times: 2 }],
      ['retrieve', { kind: 'denied', why: 'role' }, { times: 2 }],
    ],
    status: 'completed',
    runs: 1,
  },
  {
    what: '429 with advice',
    faults: [['create', { kind: 'throttle', retryAfterSeconds: 1 }, { times: 3 }]],
    status: 'completed',
    runs: 1,
  },
  {
    what: '429 for half a minute',
    faults: [['create', { kind: 'throttle', retryAfterSeconds: 10 }, { times: 3 }]],
    status: 'completed',
    runs: 1,
  },
  { what: '500s on submission', faults: [['create', { kind: 'status', status: 500 }]], status: 'completed', runs: 1 },
  {
    what: 'a submission whose answer is lost',
    faults: [['create', { kind: 'lose_answer' }]],
    status: 'completed',
    runs: 2,
    possiblyDuplicated: true,
  },
  {
    what: 'a submission that is reset',
    faults: [['create', { kind: 'reset' }]],
    status: 'completed',
    runs: 1,
    possiblyDuplicated: true,
  },
  {
    what: 'answers lost every time',
    faults: [['create', { kind: 'lose_answer' }, { times: 5 }]],
    status: 'failed',
    runs: 2,
    possiblyDuplicated: true,
  },
  {
    what: '500s and 429s on every look',
    faults: [
      ['retrieve', { kind: 'status', status: 500 }, { times: 3 }],
      ['retrieve', { kind: 'throttle', retryAfterMs: 100 }, { times: 3 }],
    ],
    status: 'completed',
    runs: 1,
  },
  {
    what: 'looks that are reset',
    faults: [['retrieve', { kind: 'reset' }, { times: 4 }]],
    status: 'completed',
    runs: 1,
  },
  {
    what: 'a run that vanishes',
    faults: [['create', { kind: 'vanish' }]],
    status: 'completed',
    runs: 1,
    possiblyDuplicated: true,
  },
  {
    what: 'a run that vanishes every time',
    faults: [['create', { kind: 'vanish' }, { times: 9 }]],
    status: 'failed',
    runs: 0,
    possiblyDuplicated: true,
  },
  {
    what: 'a failure without an error',
    faults: [['create', { kind: 'empty_failure' }]],
    status: 'completed',
    runs: 2,
    possiblyDuplicated: true,
  },
  { what: 'a failure', faults: [['create', { kind: 'fail' }]], status: 'failed', runs: 1 },
  {
    what: 'a status that nobody has heard of, for a while',
    faults: [['retrieve', { kind: 'unknown_status' }, { times: 3 }]],
    status: 'completed',
    runs: 1,
  },
];

describe('a background response survives', () => {
  it.concurrent.for(CASES)(
    '$what',
    { timeout: 90_000 },
    async ({ faults, status, runs, possiblyDuplicated }, { expect }) => {
      const { client } = newCaller(world.endpoints);
      const azure = steer(world.endpoints);
      for (const [operation, fault, more] of faults) await azure.plan(operation, fault, more);
      const { id } = await client.responses.create({
        model: 'gpt-4.1',
        input: `Say ${azure.marker}`,
        background: true,
      });
      await expect.poll(async () => (await client.responses.retrieve(id)).status, PATIENCE).toBe(status);
      expect(await azure.runs()).toBe(runs);
      const { resource } = await (
        await openDatabase(world.endpoints)
      )
        .container('chains')
        .item(id, id.slice(5, 29))
        .read<{ run?: { possiblyDuplicated?: true } }>();
      expect(resource?.run?.possiblyDuplicated).toBe(possiblyDuplicated);
      const error = (await client.responses.retrieve(id)).error;
      if (status === 'failed')
        expect(error).toMatchObject({ code: 'server_error', message: expect.stringMatching(/\S/) });
    },
  );

  it.concurrent.for<{ what: string; faults: Fault[] }>([
    {
      what: 'a stream that is cut, twice',
      faults: [
        ['create', { kind: 'cut', afterEvents: 4 }],
        ['retrieve', { kind: 'cut', afterEvents: 3, how: 'end' }],
      ],
    },
    {
      what: 'a service that refuses to resume',
      faults: [
        ['create', { kind: 'cut', afterEvents: 6 }],
        ['retrieve', { kind: 'refuse_resume' }, { times: 20 }],
      ],
    },
    {
      what: 'a stream that opens with response.queued',
      faults: [
        ['create', { kind: 'framing', queuedFirst: true, keepAliveEvery: 2 }],
        ['create', { kind: 'cut', afterEvents: 5 }],
      ],
    },
    { what: 'a stream that is put off', faults: [['create', { kind: 'throttle', retryAfterSeconds: 1 }]] },
  ])('$what: complete for its caller and for those who come later', async ({ faults }, { expect }) => {
    const { key, client } = newCaller(world.endpoints);
    const azure = steer(world.endpoints);
    for (const [operation, fault, more] of faults) await azure.plan(operation, fault, more);
    const events = await collect(await openStream(world.endpoints, key, { input: `Say ${azure.marker}` }));
    expect(faultsOf(events)).toEqual([]);
    const id = events[0]?.response?.id ?? '';
    expect(textOf(events)).toBe((await client.responses.retrieve(id)).output_text);
    expect(await collect(await resumeStream(world.endpoints, key, id))).toEqual(events);
    expect(await azure.runs()).toBe(1);
  });

  it('a stream that fails at the service ends in response.failed, here and in the record', async () => {
    const { key, client } = newCaller(world.endpoints);
    const azure = steer(world.endpoints);
    await azure.plan('create', { kind: 'stream_error', shape: 'flat', thenFailed: false });
    const events = await collect(await openStream(world.endpoints, key, { input: `Say ${azure.marker}` }));
    expect(faultsOf(events)).toEqual([]);
    expect(events.at(-1)?.type).toBe('response.failed');
    expect((await client.responses.retrieve(events[0]?.response?.id ?? '')).status).toBe('failed');
  });
});
