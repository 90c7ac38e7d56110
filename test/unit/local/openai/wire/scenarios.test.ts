import { afterEach, beforeAll, afterAll, describe, expect, it } from 'vitest';
import { errorOf, outputText, shapeOf, startBrokenSimulator, type Body, type Simulator } from './simulator.ts';

let azure: Simulator;
beforeAll(async () => {
  azure = await startBrokenSimulator();
});
afterAll(() => azure.stop());
/** A planned fault that nothing has met is a mistake in the test. */
afterEach(async () => {
  const left = (await azure.control('GET', '/scenarios?left=true')).body.data;
  await azure.control('DELETE', '/scenarios');
  expect(left).toEqual([]);
});

const start = async (body: Body = {}): Promise<Body> =>
  (await azure.create({ input: 'x', background: true, ...body })).body;
const get = ({ id }: Body, query = '') => azure.send('GET', `/responses/${String(id)}${query}`);

describe('a planned refusal', () => {
  it('throttles, with and without Retry-After', async () => {
    await azure.plan({ kind: 'throttle', retryAfterSeconds: 7 });
    await azure.plan({ kind: 'throttle', retryAfterMs: 50 });
    await azure.plan({ kind: 'throttle' });
    const seen = [];
    for (let count = 0; count < 3; count += 1) {
      const { status, headers } = await azure.create({ input: 'x' });
      seen.push([status, headers.get('retry-after'), headers.get('retry-after-ms')]);
    }
    expect(seen).toEqual([
      [429, '7', null],
      [429, null, '50'],
      [429, null, null],
    ]);
    expect((await azure.create({ input: 'x' })).status).toBe(200);
  });

  it('answers with any status and body', async () => {
    await azure.plan({ kind: 'status', status: 503 });
    await azure.plan({ kind: 'status', status: 500, error: { code: 'odd' }, headers: { 'x-odd': '1' } });
    await azure.plan({ kind: 'status', status: 502, text: '<html>Bad gateway</html>' });
    expect(errorOf(await azure.create({ input: 'x' })).code).toBe('server_is_overloaded');
    const odd = await azure.create({ input: 'x' });
    expect([odd.status, odd.headers.get('x-odd'), errorOf(odd)]).toEqual([500, '1', { code: 'odd' }]);
    const html = await azure.create({ input: 'x' });
    expect([html.status, html.headers.get('content-type'), html.body.text]).toEqual([
      502,
      'text/html',
      '<html>Bad gateway</html>',
    ]);
  });

  it.each([
    ['key', 401, '401'],
    ['token', 401, '401'],
    ['role', 401, 'PermissionDenied'],
    ['network', 403, '403'],
  ])('denies for the %s', async (why, status, code) => {
    await azure.plan({ kind: 'denied', why });
    const refused = await azure.create({ input: 'x' });
    expect(refused.status).toBe(status);
    expect(errorOf(refused).code).toBe(code);
    if (why === 'role') expect(errorOf(refused).message).toContain('OpenAI/responses/write');
  });

  it('filters the prompt', async () => {
    await azure.plan({ kind: 'content_filter', side: 'input' });
    const refused = await azure.create({ input: 'x' });
    expect(refused.status).toBe(400);
    expect(errorOf(refused)).toMatchObject({
      code: 'content_filter',
      type: null,
      param: 'prompt',
      status: 400,
      innererror: { code: 'ResponsibleAIPolicyViolation', content_filter_result: { violence: { filtered: true } } },
    });
  });

  it('forgets a parent for one request', async () => {
    const { id } = (await azure.create({ input: 'one' })).body;
    await azure.plan({ kind: 'forget' });
    const body = { input: 'two', previous_response_id: id };
    expect(errorOf(await azure.create(body)).code).toBe('previous_response_not_found');
    expect((await azure.create(body)).status).toBe(200);
  });
});

describe('a planned failure of the connection', () => {
  it('resets before any work', async () => {
    await azure.plan({ kind: 'reset' }, { contains: 'reset-me' });
    await expect(azure.create({ input: 'reset-me' })).rejects.toThrow();
    expect((await azure.control('GET', '/counts?contains=reset-me')).body).toEqual({
      received: { create: 1 },
      succeeded: {},
      runs: 0,
    });
  });

  it.each([{}, { background: true }, { stream: true }, { background: true, stream: true }])(
    'loses the answer of %j',
    async (body) => {
      const marker = `lost ${JSON.stringify(body)}`;
      await azure.plan({ kind: 'lose_answer' }, { operation: 'create' });
      await expect(azure.create({ input: marker, ...body })).rejects.toThrow();
      const { data } = (await azure.send('GET', '/responses?limit=1')).body;
      const [made] = Array.isArray(data) ? (data as Body[]) : [];
      expect(outputText(await azure.until(made?.id, 'completed'))).toBe(marker);
    },
  );

  it('cuts a stream after some events', async () => {
    await azure.plan({ kind: 'cut', afterEvents: 3 });
    expect(await (await azure.open({})).events).toHaveLength(3);
    await azure.plan({ kind: 'cut', afterEvents: 0, how: 'end' });
    const { events } = await azure.stream('POST', '/responses', { model: 'gpt-4o', input: 'x', stream: true });
    expect(events).toEqual([]);
  });

  it('is slow, before the answer and between events', async () => {
    await azure.plan({ kind: 'slow', beforeMs: 60, betweenMs: 5 });
    const startedAt = performance.now();
    const { events } = await azure.stream('POST', '/responses', { model: 'gpt-4o', input: 'a b c', stream: true });
    expect(performance.now() - startedAt).toBeGreaterThan(50 + 4 * events.length);
    expect(events.at(-1)?.type).toBe('response.completed');
  });
});

describe('a planned end', () => {
  it.each([
    [
      { kind: 'fail', code: 'rate_limit_exceeded', message: 'Too much.' },
      { status: 'failed', error: { code: 'rate_limit_exceeded', message: 'Too much.' } },
    ],
    [{ kind: 'empty_failure' }, { status: 'failed', error: null, output: [], usage: { total_tokens: 0 } }],
    [
      { kind: 'content_filter', side: 'output' },
      { status: 'incomplete', incomplete_details: { reason: 'content_filter' } },
    ],
  ])('%j', async (fault, expected) => {
    for (const body of [{}, { background: true }]) {
      await azure.plan(fault);
      const { body: made } = await azure.create({ input: 'x', ...body });
      const ended = 'background' in body ? await azure.until(made.id, expected.status) : made;
      expect(ended).toMatchObject(expected);
    }
    await azure.plan(fault);
    const { events } = await azure.stream('POST', '/responses', { model: 'gpt-4o', input: 'x', stream: true });
    expect(events.at(-1)).toMatchObject({ type: `response.${expected.status}`, response: expected });
  });

  it('sends an error event, in either shape, then fails or stops', async () => {
    await azure.plan({ kind: 'stream_error', afterEvents: 4, code: 'too_many_requests', message: 'Slow down.' });
    const nested = await (await azure.open({})).events;
    expect(shapeOf(nested)).toEqual([
      'created',
      'in_progress',
      'output_item.added',
      'content_part.added',
      'error',
      'failed',
    ]);
    expect(nested.at(-2)).toMatchObject({
      sequence_number: 4,
      error: { code: 'too_many_requests', message: 'Slow down.' },
    });
    await azure.plan({ kind: 'stream_error', shape: 'flat', thenFailed: false });
    const flat = await (await azure.open({})).events;
    expect(flat.at(-1)).toMatchObject({ type: 'error', sequence_number: 2, code: 'server_error', param: null });
  });
});

describe('a planned background run', () => {
  it.each(['queued', 'in_progress'])('is stuck %s until it is cancelled', async (state) => {
    await azure.plan({ kind: 'stuck', state });
    await azure.plan({ kind: 'pace', queuedMs: 0, runningMs: 0 });
    const made = await start();
    await azure.until(made.id, state);
    await azure.send('POST', `/responses/${String(made.id)}/cancel`);
    expect((await get(made)).body.status).toBe('cancelled');
  });

  it('takes the time that it is given', async () => {
    await azure.plan({ kind: 'pace', queuedMs: 60_000 });
    const slow = await start();
    await azure.plan({ kind: 'pace', queuedMs: 0, runningMs: 0 });
    const quick = await start();
    expect(quick).toMatchObject({ status: 'queued', output: [] });
    await azure.until(quick.id, 'completed');
    expect((await get(slow)).body.status).toBe('queued');
  });

  it('vanishes, by itself or when it is looked at', async () => {
    await azure.plan({ kind: 'vanish', afterMs: 0 }, { operation: 'create' });
    const gone = await start();
    await expect.poll(async () => (await get(gone)).status).toBe(404);
    const there = await start({ input: 'look away' });
    await azure.plan({ kind: 'vanish' }, { operation: 'retrieve', contains: 'look away' });
    expect((await get(there)).status).toBe(404);
    expect((await get(there)).status).toBe(404);
  });

  it('has a status nobody has heard of, for good or for one look', async () => {
    await azure.plan({ kind: 'unknown_status' }, { operation: 'create' });
    const strange = await start();
    await azure.until(strange.id, 'paused');
    const plain = await start();
    await azure.plan({ kind: 'unknown_status', status: 'dreaming' }, { operation: 'retrieve' });
    expect((await get(plain)).body.status).toBe('dreaming');
    await azure.until(plain.id, 'completed');
    await azure.send('DELETE', `/responses/${String(strange.id)}`);
  });

  it('cannot be resumed', async () => {
    const { id, events } = await azure.open({ background: true });
    await events;
    await azure.plan({ kind: 'refuse_resume' });
    expect((await get({ id }, '?stream=true')).status).toBe(400);
    expect((await get({ id }, '?stream=true')).status).toBe(200);
  });

  it('goes on after a cancel that was answered', async () => {
    const made = await start();
    await azure.plan({ kind: 'ignore_cancel' });
    const cancelled = await azure.send('POST', `/responses/${String(made.id)}/cancel`);
    expect(cancelled.body.status).toBe('cancelled');
    await azure.until(made.id, 'completed');
  });
});

describe('planned framing', () => {
  it('opens with queued, keeps alive and says [DONE]', async () => {
    await azure.plan({ kind: 'framing', queuedFirst: true, done: true, keepAliveEvery: 1 });
    const body = { model: 'gpt-4o', input: 'x', stream: true, background: true };
    const { events, text } = await azure.stream('POST', '/responses', body);
    expect(shapeOf(events).slice(0, 2)).toEqual(['queued', 'created']);
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
    expect(text.match(/: keep-alive/g)).toHaveLength(events.length);
  });

  it('says no [DONE] by itself', async () => {
    const { text } = await azure.stream('POST', '/responses', { model: 'gpt-4o', input: 'x', stream: true });
    expect(text).not.toContain('[DONE]');
  });
});
