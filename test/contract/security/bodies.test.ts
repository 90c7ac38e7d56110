import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { askBelowFetch } from '../../support/answers/below-fetch.ts';
import { riseDuring } from '../../support/memory.ts';
import { startDoorHost, type SecondHost } from '../../support/second-host.ts';
import { steer } from '../../support/simulator.ts';
import { newCaller } from '../../support/world.ts';

/** What a body can be made of: whether it is taken or refused, the service gets what the gateway has understood. */

const endpoints = inject('endpoints');
const { key } = newCaller(endpoints);

/** Of its own, because its log is read. */
let host: SecondHost;
beforeAll(async () => {
  host = await startDoorHost(endpoints);
});
afterAll(() => host.stop());

interface Answer {
  status: number;
  code?: string;
  message?: string;
  id?: string;
}

const answer = z.object({
  id: z.string().optional(),
  error: z.object({ code: z.string(), message: z.string() }).nullish(),
});

async function post(body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}): Promise<Answer> {
  const given = await fetch(`${host.gateway}/openai/v1/responses`, {
    method: 'POST',
    headers: { 'api-key': key, 'content-type': 'application/json', ...headers },
    body,
  });
  const { id, error } = answer.parse(await given.json());
  return { status: given.status, id, ...error };
}

const received = z.array(z.looseObject({ body: z.unknown() }));
const prompt = (words: string): string => JSON.stringify({ model: 'gpt-4.1', input: words });

describe('text', () => {
  it('is UTF-8, and nothing is put in the place of what is not', async () => {
    const latin = new Uint8Array(Buffer.from(prompt('caf\u00e9'), 'latin1'));
    expect(await post(latin)).toMatchObject({
      status: 400,
      code: 'invalid_json',
      message: expect.stringContaining('UTF-8'),
    });
    expect((await post(prompt('caf\u00e9'))).status).toBe(200);
  });

  it('that is compressed is refused with the reason', async () => {
    const packed = new Uint8Array(gzipSync(prompt('Hi')));
    const refused = await post(packed, { 'content-encoding': 'gzip' });
    expect(refused).toMatchObject({ status: 400, code: 'invalid_json', message: expect.stringContaining('compress') });
  });

  it.each([
    ['a byte order mark', `\ufeff${prompt('Hi')}`, {}],
    ['another media type', prompt('Hi'), { 'content-type': 'text/plain' }],
    ['spaces around it', ` \r\n\t${prompt('Hi')}\n`, {}],
  ])('may have %s', async (_what, body, headers) => {
    expect((await post(body, headers)).status).toBe(200);
  });

  it.each(['', ' ', 'null', '[]', '"text"', '1', '{} {}', "{'a':1}", '{"a":1,}', '\0{}', '{"a":NaN}'])(
    'that is no JSON object is refused: %j',
    async (body) => {
      expect(await post(body)).toMatchObject({ status: 400, code: 'invalid_json' });
    },
  );
});

describe('values', () => {
  it('reach the service and come back as they were sent, whatever their names and signs', async () => {
    const azure = steer(endpoints);
    const metadata = '{"__proto__":"p","constructor":"c","toString":"t","a":"\\u0000 \\ud800 \\udfff \\u202e"}';
    const schema = '{"type":"object","properties":{"__proto__":{"type":"string"},"constructor":{"type":"number"}}}';
    const tools = `[{"type":"function","name":"f","strict":false,"parameters":${schema}}]`;
    const unknown = '{"__proto__":{"polluted":true},"list":[1.5,-0.0001,1e21,true,null]}';
    const words = `Say \\u0000 \\ud800 ${azure.marker}`;
    const body = `{"model":"gpt-4.1","input":"${words}","metadata":${metadata},"tools":${tools},"x_new":${unknown}}`;
    const { id = '' } = await post(body);
    const [asked] = received.parse(await azure.requests());
    expect(JSON.stringify(asked?.body)).toBe(JSON.stringify(JSON.parse(body)));
    const stored = await fetch(`${endpoints.gateway}/openai/v1/responses/${id}`, { headers: { 'api-key': key } });
    const shown = await stored.text();
    expect(shown).toContain(JSON.stringify(JSON.parse(unknown)));
    expect(shown).toContain(JSON.stringify(JSON.parse(schema)));
    expect(shown).toContain('"toString":"t","a":"\\u0000 \\ud800 \\udfff');
    const items = await fetch(`${stored.url}/input_items`, { headers: { 'api-key': key } });
    expect(await items.text()).toContain(JSON.stringify(JSON.parse(`"${words}"`)));
    expect('polluted' in {}).toBe(false);
  });

  it('that stand twice count once: the service is asked what was checked', async () => {
    const azure = steer(endpoints);
    const foreign = 'file-000000000000000000000000';
    const part = `[{"role":"user","content":[{"type":"input_file","file_id":"${foreign}"}]}]`;
    const twice = `{"model":"gpt-4.1","input":${part},"input":"Say ${azure.marker}","model":"gpt-4.1"}`;
    expect((await post(twice)).status).toBe(200);
    expect(received.parse(await azure.requests())[0]?.body).toMatchObject({ input: `Say ${azure.marker}` });
    const other = `{"model":"gpt-4.1","input":"Say ${azure.marker}","input":${part}}`;
    expect(await post(other)).toMatchObject({ status: 400, code: 'reference_not_found' });
    expect((await azure.counts()).received.create).toBe(1);
  });

  it('that are no numbers are not taken for some', async () => {
    expect(await post('{"model":"gpt-4.1","input":"Hi","temperature":1e999}')).toMatchObject({
      status: 400,
      code: 'invalid_value',
    });
  });
});

describe('a body that would be gigabytes once it is read', () => {
  const BYTES = 20 * 1024 * 1024;
  const repeated = (text: string): string => text.repeat(BYTES / text.length);

  it.each([
    ['nests without an end', () => `{"input":${repeated('[')}`, 'nests deeper'],
    ['nests in objects', () => repeated('{"a":'), 'nests deeper'],
    ['holds too many lists', () => `{"input":[${repeated('[],')}1]}`, 'more than 2000000 values'],
    ['holds too many numbers', () => `{"input":[${repeated('1,')}1]}`, 'more than 2000000 values'],
  ])('is refused before that: it %s', async (_what, body, why) => {
    const { answer: found, megabytes } = await riseDuring(host.pid, () => post(body()));
    expect(found).toMatchObject({ status: 400, code: 'invalid_json', message: expect.stringContaining(why) });
    expect(megabytes).toBeLessThan(200);
  });

  it('is none when the same signs stand in a text', async () => {
    const text = `${'[{,'.repeat(1_000)}"\\\\"[[\\`;
    expect((await post(prompt(text))).status).toBe(200);
  });
});

interface Flood {
  status: number;
  sentMegabytes: number;
}

const BLOCK = Buffer.alloc(1024 * 1024, ' ');
const MOST_MEGABYTES = 200;

/** Sends spaces without a declared length until an answer comes. */
async function flood(path: string, headers: Record<string, string>, beginning = ''): Promise<Flood> {
  let sentMegabytes = 0;
  const { status } = await askBelowFetch(host.gateway, { method: 'POST', path, headers }, (call) => {
    let answered = false;
    call.once('response', () => (answered = true));
    const more = (): void => {
      while (!answered && !call.destroyed && sentMegabytes < MOST_MEGABYTES) {
        sentMegabytes += 1;
        if (!call.write(BLOCK)) return void call.once('drain', more);
      }
    };
    call.write(beginning);
    more();
  });
  return { status, sentMegabytes };
}

describe('a body without an end', () => {
  const form = 'multipart/form-data; boundary=b';
  const part = '--b\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n';

  it.each([
    ['/openai/v1/responses', 'application/json', '{'],
    ['/openai/v1/responses/compact', 'application/json', '{'],
    ['/openai/v1/files', form, part],
    ['/openai/v1/files', form, 'a form that never begins'],
  ])('%s is refused when it is over 100 MB, and the memory stays: %s %j', async (path, type, beginning) => {
    const { answer: found, megabytes } = await riseDuring(host.pid, () =>
      flood(path, { 'api-key': key, 'content-type': type }, beginning),
    );
    expect({ path, status: found.status }).toEqual({ path, status: 413 });
    expect(found.sentMegabytes).toBeLessThan(MOST_MEGABYTES);
    expect(megabytes).toBeLessThan(200);
  });

  it('is not even read of a caller whom nobody knows', async () => {
    const { status, sentMegabytes } = await flood('/openai/v1/responses', { 'content-type': 'application/json' });
    expect(status).toBe(401);
    expect(sentMegabytes).toBeLessThan(20);
  });
});

describe('a caller who leaves in the middle', () => {
  it.each([
    ['/openai/v1/responses', 'application/json', '{"model":'],
    ['/openai/v1/files', 'multipart/form-data; boundary=b', '--b\r\ncontent-disposition: form-data; name="file"'],
  ])('of %s is no failure of the gateway', async (path, type, part) => {
    const id = `left-${Math.random().toString(36).slice(2)}`;
    const headers = { 'api-key': key, 'content-type': type, 'content-length': '1000', 'x-request-id': id };
    const left = askBelowFetch(host.gateway, { method: 'POST', path, headers }, (call) => {
      // The host has begun to read when it is asked something else on another connection and has answered.
      call.write(part, () => void fetch(`${host.gateway}/health`).then(() => call.destroy(new Error('I have left'))));
    });
    await expect(left).rejects.toThrow('I have left');
    const lines = (): string[] => host.lines().filter((line) => line.includes(id));
    await expect.poll(() => lines().length, { timeout: 10_000 }).toBeGreaterThan(0);
    expect(lines()).toEqual([expect.stringMatching(/"status":400.*"msg":"answered"/)]);
  });
});
