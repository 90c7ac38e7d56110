import type OpenAI from 'openai';
import { expect, inject, it } from 'vitest';
import { dataUri, pngOf } from '../../support/pictures.ts';
import { newCaller } from '../../support/world.ts';

const endpoints = inject('endpoints');
const { client } = newCaller(endpoints);
const computer: OpenAI.Responses.ComputerUsePreviewTool = {
  type: 'computer_use_preview',
  display_width: 1024,
  display_height: 768,
  environment: 'browser',
};
const base = { model: 'computer-use-preview', tools: [computer], truncation: 'auto' as const };
const screenshot = {
  type: 'computer_screenshot' as const,
  image_url: dataUri(pngOf(64, 48, [0, 0, 200]), 'image/png'),
};

it('a computer is driven call by call, by screenshots inline and by file id', async () => {
  const file = new File([new Uint8Array(pngOf(64, 48, [0, 200, 0]))], 'screen.png', { type: 'image/png' });
  const { id: file_id } = await client.files.create({ file, purpose: 'vision' });
  let response = await client.responses.create({ ...base, input: 'Take a screenshot, then click on the button.' });
  for (const output of [screenshot, { type: 'computer_screenshot' as const, file_id }]) {
    const call = response.output.find((item) => item.type === 'computer_call');
    if (call === undefined) throw new Error('no call of the computer');
    response = await client.responses.create({
      ...base,
      previous_response_id: response.id,
      input: [{ type: 'computer_call_output', call_id: call.call_id, output }],
    });
  }
  expect(response.status).toBe('completed');
  expect(response.truncation).toBe('auto');
});

it('a pending safety check must be acknowledged', async () => {
  const looked = await client.responses.create({ ...base, input: 'Click on the safety button.' });
  const look = looked.output.find((item) => item.type === 'computer_call');
  const asked = await client.responses.create({
    ...base,
    previous_response_id: looked.id,
    input: [{ type: 'computer_call_output', call_id: look?.call_id ?? '', output: screenshot }],
  });
  const call = asked.output.find((item) => item.type === 'computer_call');
  expect(call?.pending_safety_checks).not.toEqual([]);
  const output = { type: 'computer_call_output' as const, call_id: call?.call_id ?? '', output: screenshot };
  const next = { ...base, previous_response_id: asked.id };
  await expect(client.responses.create({ ...next, input: [output] })).rejects.toMatchObject({ status: 400 });
  const acknowledged = { ...output, acknowledged_safety_checks: call?.pending_safety_checks ?? [] };
  expect((await client.responses.create({ ...next, input: [acknowledged] })).status).toBe('completed');
});

it('needs truncation to be auto', async () => {
  const { truncation: _auto, ...rest } = base;
  await expect(client.responses.create({ ...rest, input: 'Click.' })).rejects.toMatchObject({ status: 400 });
});
