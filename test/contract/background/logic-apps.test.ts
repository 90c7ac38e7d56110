import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { openDropBox } from '../../support/documents.ts';
import { play, readWorkflow, type Manners, type Outcome, type Workflow } from '../../support/logic-app.ts';
import { textPdf } from '../../support/pdfs.ts';
import { startDoorHost, type SecondHost } from '../../support/second-host.ts';
import { steer } from '../../support/simulator.ts';
import { orderToken } from '../../support/tokens.ts';
import { newCaller } from '../../support/world.ts';

const endpoints = inject('endpoints');
const PAGE = 'docs/logic-apps.md';
const AUDIENCE = 'api://gateway';

const [ask, blob] = [await readWorkflow(PAGE, 'ask'), await readWorkflow(PAGE, 'blob')];

const mannersOf = (key: string, trigger: unknown): Manners => ({
  parameters: { gateway: endpoints.gateway, audience: AUDIENCE },
  trigger,
  credentials: () => ({ 'api-key': key }),
  keepsCredentials: false,
});

describe('the workflow that asks', () => {
  it.concurrent.each([
    ['without credentials, to an absolute link', 1, {}],
    ['with credentials', 1, { keepsCredentials: true }],
    // Several times: each link is relative to the one before.
    ['to a relative link', 2, { rewrite: (link: string) => link.replace(/^https?:\/\/[^/]+/, '') }],
  ])('follows %s, and pays once when it is tried again', async (_how, times, more) => {
    const azure = steer(endpoints);
    // The first look comes after two seconds: a run of eight is not over then, however busy the machine is.
    await azure.plan('create', { kind: 'pace', runningMs: times === 1 ? 500 : 8_000 });
    const manners = {
      ...mannersOf(newCaller(endpoints).key, { question: `Say ${azure.marker}` }),
      runName: randomUUID(),
      ...more,
    };
    const first = await play(ask, manners);
    expect(first.answer).toMatchObject({ statusCode: 200, body: [{ type: 'message' }] });
    expect(first.links.at(-1)?.status).toBe(200);
    expect(first.links.length).toBeGreaterThanOrEqual(times);
    const again = await play(ask, manners);
    expect(again.answer).toEqual(first.answer);
    expect(await azure.runs()).toBe(1);
    await play(ask, { ...manners, runName: randomUUID() });
    expect(await azure.runs()).toBe(2);
  });

  it.concurrent.each([
    ['failed', { kind: 'fail', message: 'It broke.' }, { message: 'It broke.' }],
    ['incomplete', { kind: 'content_filter', side: 'output' }, { reason: 'content_filter' }],
  ])('takes a run that is %s as a result, and says why', async (status, fault, body) => {
    const azure = steer(endpoints);
    await azure.plan('create', fault);
    const { bodies, answer } = await play(ask, mannersOf(newCaller(endpoints).key, { question: azure.marker }));
    expect(bodies.Ask).toMatchObject({ status });
    expect(answer).toMatchObject({ statusCode: 502, body });
  });

  it('fails with the gateway’s reason when the link leads nowhere any more', async () => {
    const azure = steer(endpoints);
    await azure.plan('create', { kind: 'stuck', state: 'in_progress' });
    const { key, client } = newCaller(endpoints);
    const running = play(ask, mannersOf(key, { question: azure.marker }));
    const id = async (): Promise<string | undefined> =>
      (await client.get<{ data: { id: string }[] }>('/responses')).data[0]?.id;
    await expect.poll(id, { timeout: 20_000 }).toBeDefined();
    await client.responses.delete((await id()) ?? '');
    await expect(running).rejects.toThrow('404');
  });
});

describe('with its managed identity, behind a proxy', () => {
  const PUBLIC = 'https://api.example.com/ai';
  const API = '10ca1000-0000-4000-8000-0000000000a1';
  let host: SecondHost;
  beforeAll(async () => {
    host = await startDoorHost(endpoints, { AUTH_MODE: 'entra', PUBLIC_BASE_URL: PUBLIC });
  });
  afterAll(() => host.stop());

  it('is let in by its role, and follows the public address', async () => {
    const token = await orderToken(endpoints.identity, { caller: 'logic-app', version: '2.0', audience: API });
    const asked: string[] = [];
    const links: string[] = [];
    const { answer } = await play(ask, {
      ...mannersOf('', { question: 'Say hello' }),
      parameters: { gateway: host.gateway, audience: `api://${API}` },
      credentials: (audience) => {
        asked.push(audience);
        return { authorization: `Bearer ${token}` };
      },
      rewrite: (link) => {
        links.push(link);
        return link.replace(PUBLIC, host.gateway);
      },
    });
    expect(answer?.statusCode).toBe(200);
    expect(asked).toEqual([`api://${API}`]);
    expect(links.map((link) => link.startsWith(`${PUBLIC}/jobs/resp_`))).not.toContain(false);
  });

  it('is refused without the role', async () => {
    const token = await orderToken(endpoints.identity, { caller: 'app-without-role' });
    const refused = play(ask, {
      ...mannersOf('', { question: 'Say hello' }),
      parameters: { gateway: host.gateway, audience: `api://${API}` },
      credentials: () => ({ authorization: `Bearer ${token}` }),
    });
    await expect(refused).rejects.toThrow('403');
  });
});

describe('the workflow of a new blob', () => {
  const name = 'workflow.pdf';
  const connection = z.object({ method: z.string(), path: z.string(), queries: z.record(z.string(), z.unknown()) });

  /** Plays it with a file, and with the two connections of the page: the one reads, the other drops. */
  const playWith = async (content: Uint8Array | string): Promise<Outcome> => {
    const box = await openDropBox(endpoints);
    return play(blob, {
      ...mannersOf('local', { Name: name, Id: 'x' }),
      parameters: {
        gateway: endpoints.gateway,
        audience: AUDIENCE,
        inboxAccount: 'inbox',
        dataAccount: 'data',
        $connections: { inbox: { connectionId: '/inbox' }, gatewaydata: { connectionId: '/data' } },
      },
      connector: async (inputs) => {
        const { method, path, queries } = connection.parse(inputs);
        if (method === 'get') return content;
        expect(path).toBe('/v2/datasets/data/files');
        const folder = /^\/pdfs\/(.+)/.exec(String(queries.folderPath))?.[1] ?? '';
        return box.drop(`${folder}/${String(queries.name)}`, content);
      },
    });
  };

  it('drops it, waits for its analysis, and goes on with it, every time anew', async () => {
    for (const content of ['The workflow waits for this.', 'Now for this.']) {
      const { bodies } = await playWith(await textPdf([content]));
      expect(bodies.Look).toMatchObject({ data: [{ state: 'completed' }] });
      expect(JSON.stringify(bodies.Get_the_analysis)).toContain(content);
    }
  });

  it('fails with the reason when there is no analysis', async () => {
    const { failure } = await playWith('no pdf');
    expect(failure).toMatchObject({ code: 'not_a_pdf', message: expect.stringMatching(/\S/) });
  });
});

describe('both workflows', () => {
  it.each([
    ['ask', ask],
    ['blob', blob],
  ])('%s: hold no secret, and get a value for every parameter from outside', (_name, { parameters }: Workflow) => {
    const types = Object.values(parameters).map(({ type }) => type);
    expect(types.filter((type) => type.startsWith('Secure'))).toEqual([]);
  });
});
