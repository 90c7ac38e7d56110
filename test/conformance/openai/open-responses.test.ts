import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unwatch, watch } from '../../support/answers/checked-fetch.ts';
import { startOpenAI } from '../../../local/openai/server.ts';
import type { RunningServer } from '../../../local/kit/server.ts';
import { compaction, responseResource, streamEvent } from './open-responses.ts';

/** The HTTP tests of the Open Responses suite, by their ids, against the simulator with its own mind. */
let azure: RunningServer;
beforeAll(async () => {
  azure = await startOpenAI();
  watch(azure.address, 'service');
});
afterAll(async () => {
  unwatch(azure.address);
  await azure.stop();
});

const post = (path: string, body: object): Promise<Response> =>
  fetch(`${azure.address}/openai/v1${path}`, {
    method: 'POST',
    headers: { authorization: 'Bearer key', 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

const user = (content: unknown) => ({ type: 'message', role: 'user', content });
const PIXEL =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';
const weather = {
  type: 'function',
  name: 'get_weather',
  description: 'Get the current weather for a location',
  parameters: { type: 'object', properties: { location: { type: 'string' } }, required: ['location'] },
};

const accepted: [id: string, body: object, types: string[]][] = [
  ['basic-response', { input: [user('Say hello in exactly 3 words.')] }, ['message']],
  [
    'assistant-phase',
    {
      input: [
        user('Say hi.'),
        { type: 'message', role: 'assistant', content: 'Hi.', phase: 'final_answer' },
        user('Again.'),
      ],
    },
    ['message'],
  ],
  [
    'system-prompt',
    { input: [{ type: 'message', role: 'system', content: 'You are a pirate.' }, user('Say hello.')] },
    ['message'],
  ],
  ['tool-calling', { input: [user("What's the weather like in San Francisco?")], tools: [weather] }, ['function_call']],
  [
    'image-input',
    {
      input: [
        user([
          { type: 'input_text', text: 'What do you see?' },
          { type: 'input_image', image_url: PIXEL },
        ]),
      ],
    },
    ['message'],
  ],
  [
    'multi-turn',
    {
      input: [
        user('My name is Alice.'),
        { type: 'message', role: 'assistant', content: 'Hello Alice!' },
        user('What is my name?'),
      ],
    },
    ['message'],
  ],
  [
    'reasoning',
    { model: 'o3', reasoning: { effort: 'low', summary: 'auto' }, input: [user('Think.')] },
    ['reasoning', 'message'],
  ],
  [
    'tool-calling-streaming',
    { stream: true, input: [user("What's the weather like in San Francisco?")], tools: [weather] },
    ['function_call'],
  ],
  ['streaming-response', { stream: true, input: [user('Count from 1 to 5.')] }, ['message']],
];

describe('Open Responses', () => {
  it.each(accepted)('%s', async (_id, body, types) => {
    const answer = await post('/responses', { model: 'gpt-4o-mini', ...body });
    expect(answer.status).toBe(200);
    const response = responseResource.parse('stream' in body ? await finalOf(answer) : await answer.json());
    expect(response.status).toBe('completed');
    expect(response.output.map(({ type }) => type)).toEqual(types);
  });

  it('compact-response', async () => {
    const input = [user('Tell me about Rome.'), { type: 'message', role: 'assistant', content: 'It is old.' }];
    const answer = await post('/responses/compact', { model: 'gpt-4o-mini', input, prompt_cache_key: 'a' });
    const { output } = compaction.parse(await answer.json());
    expect(output.at(-1)).toMatchObject({ type: 'compaction' });
  });

  it('compact-missing-model', async () => {
    expect([400, 422]).toContain((await post('/responses/compact', { input: 'x' })).status);
  });

  it('keeps a failed stream within the rules', async () => {
    const fault = { match: { contains: 'fail here' }, fault: { kind: 'stream_error' } };
    await fetch(`${azure.address}/_control/scenarios`, { method: 'POST', body: JSON.stringify(fault) });
    const answer = await post('/responses', { model: 'gpt-4o-mini', stream: true, input: 'fail here' });
    const response = responseResource.parse(await finalOf(answer));
    expect(response.status).toBe('failed');
  });
});

/** Checks every event, and gives the response of the last one. */
async function finalOf(answer: Response): Promise<unknown> {
  expect(answer.headers.get('content-type')).toMatch(/^text\/event-stream/);
  let last: unknown;
  for (const frame of (await answer.text()).split('\n\n').filter((text) => text !== '')) {
    const [name = '', data = ''] = frame.split('\n');
    const event: { type: string; response?: unknown } = streamEvent.parse(JSON.parse(data.replace(/^data: /, '')));
    expect(name).toBe(`event: ${event.type}`);
    last = event.response ?? last;
  }
  return last;
}
