import OpenAI from 'openai';
import { describe, expect, inject, it } from 'vitest';
import { collect } from '../../support/event-stream.ts';
import { rawCaller } from '../../support/raw.ts';
import { steer } from '../../support/simulator.ts';
import { newCaller } from '../../support/world.ts';

/** Azure's content filter in all its forms, each a clear outcome: never a crash, never an answer that lost its reason. */
const endpoints = inject('endpoints');
const model = 'gpt-4.1';

const WAYS: readonly (readonly [name: string, how: { stream?: boolean; background?: boolean }])[] = [
  ['plain', {}],
  ['streamed', { stream: true }],
  ['in the background', { background: true }],
  ['in the background, streamed', { background: true, stream: true }],
];

/** What Azure says of a blocked prompt. */
const BLOCKED = {
  code: 'content_filter',
  type: 'invalid_request_error',
  param: 'prompt',
  innererror: {
    code: 'ResponsibleAIPolicyViolation',
    content_filter_result: expect.objectContaining({ violence: { filtered: true, severity: 'medium' } }) as unknown,
  },
};

describe('a prompt that is blocked', () => {
  it.each(WAYS)('is refused with the reason, and leaves nothing: %s', async (_, how) => {
    const caller = rawCaller(endpoints, newCaller(endpoints).key);
    const azure = steer(endpoints);
    await azure.plan('create', { kind: 'content_filter', side: 'input' });
    const { status, headers, body } = await caller.call('POST', '/responses', { model, input: azure.marker, ...how });
    expect([status, headers.get('x-should-retry')]).toEqual([400, 'false']);
    expect(body.error).toMatchObject(BLOCKED);
    expect((await caller.call('GET', '/responses')).body.data).toEqual([]);
    expect(await azure.runs()).toBe(0);
  });

  it.each([
    ['/responses/compact', 'compact'],
    ['/responses/input_tokens', 'input_tokens'],
  ])('is refused the same way by POST %s', async (path, operation) => {
    const caller = rawCaller(endpoints, newCaller(endpoints).key);
    const azure = steer(endpoints);
    const innererror = {
      code: 'ResponsibleAIPolicyViolation',
      content_filter_result: { jailbreak: { detected: true } },
    };
    const error = {
      message: 'Filtered.',
      type: null,
      param: 'prompt',
      code: 'content_filter',
      status: 400,
      innererror,
    };
    await azure.plan(operation, { kind: 'status', status: 400, error });
    const { status, body } = await caller.call('POST', path, { model, input: azure.marker });
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ code: 'content_filter', type: 'invalid_request_error', innererror });
  });

  it('is an error of the SDK that says so', async () => {
    const azure = steer(endpoints);
    await azure.plan('create', { kind: 'content_filter', side: 'input' });
    const error = await newCaller(endpoints)
      .client.responses.create({ model, input: azure.marker })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(error).toMatchObject({ code: 'content_filter', param: 'prompt', error: BLOCKED });
  });
});

describe('an answer that is stopped', () => {
  it.each(WAYS)('is incomplete, says why, and can be read and continued: %s', async (_, how) => {
    const caller = rawCaller(endpoints, newCaller(endpoints).key);
    const azure = steer(endpoints);
    await azure.plan('create', { kind: 'content_filter', side: 'output' });
    const answer = await caller.open('POST', '/responses', { model, input: `Count to 9. ${azure.marker}`, ...how });
    const text = await answer.text();
    const id = /resp_[0-9a-f]{48}/.exec(text)?.[0] ?? '';
    const read = async () => (await caller.call('GET', `/responses/${id}`)).body;
    await expect.poll(async () => (await read()).status, { timeout: 15_000 }).toBe('incomplete');
    const stopped = await read();
    expect(stopped).toMatchObject({ incomplete_details: { reason: 'content_filter' }, error: null });
    expect(stopped.content_filters).toContainEqual(
      expect.objectContaining({ source_type: 'completion', blocked: true }),
    );
    if (how.background !== true) expect(text).toContain(JSON.stringify(stopped.content_filters));
    if (how.stream === true) expect(text).toContain('event: response.incomplete\n');
    const next = { model, input: 'Say hello.', previous_response_id: id };
    expect((await caller.call('POST', '/responses', next)).body.status).toBe('completed');
  });

  it.each(['nested', 'flat'])('in the middle of a stream by a %s error, failed with that code', async (shape) => {
    const caller = rawCaller(endpoints, newCaller(endpoints).key);
    const azure = steer(endpoints);
    const error = { code: 'content_filter', message: 'The response was filtered.' };
    await azure.plan('create', { kind: 'stream_error', afterEvents: 6, thenFailed: false, shape, ...error });
    const body = { model, input: `Count to 9. ${azure.marker}`, stream: true };
    const events = await collect(await caller.open('POST', '/responses', body));
    expect(events.at(-1)).toMatchObject({ type: 'response.failed', response: { status: 'failed', error } });
    const id = events[0]?.response?.id ?? '';
    expect((await caller.call('GET', `/responses/${id}`)).body).toMatchObject({ status: 'failed', error });
  });
});

it('what the filter found is told of every answer, and kept', async () => {
  const caller = rawCaller(endpoints, newCaller(endpoints).key);
  const { body } = await caller.call('POST', '/responses', { model, input: 'Say hello.' });
  expect(body.content_filters).toMatchObject([
    { source_type: 'prompt' },
    { source_type: 'completion', blocked: false },
  ]);
  expect((await caller.call('GET', `/responses/${String(body.id)}`)).body.content_filters).toEqual(
    body.content_filters,
  );
});
