import { expect, test } from 'vitest';
import { dataUri, plainPicture } from './pictures.ts';
import { Talk, type Answer } from './turns.ts';

const TOOL = { type: 'computer_use_preview', display_width: 1_024, display_height: 768, environment: 'browser' };

const computer = (): Talk => Object.assign(new Talk(), { model: 'computer-use-preview' });
const send = (talk: Talk, input: unknown): Promise<Answer> =>
  talk.send({ input, tools: [TOOL], truncation: 'auto', reasoning: { effort: 'none' } });

async function shown(talk: Talk, call: Answer, checks: unknown[] = []): Promise<Answer> {
  const image_url = dataUri(
    'image/png',
    await plainPicture('image/png', { width: 1_024, height: 768 }, [250, 250, 250]),
  );
  return send(talk, [
    {
      type: 'computer_call_output',
      call_id: call.ofType('computer_call')[0]!['call_id'],
      output: { type: 'computer_screenshot', image_url },
      acknowledged_safety_checks: checks,
    },
  ]);
}

test('looks, clicks, types, and says what it did', async () => {
  const talk = computer();
  let step = await send(talk, 'Click (100, 200) and type "otters".');
  const actions = [];
  while (step.ofType('computer_call').length > 0) {
    expect(step.types).toEqual(['computer_call']);
    actions.push(step.items[0]!['action']);
    step = await shown(talk, step);
  }
  expect(actions).toEqual([
    { type: 'screenshot' },
    { type: 'click', button: 'left', x: 100, y: 200 },
    { type: 'type', text: 'otters' },
    { type: 'keypress', keys: ['ENTER'] },
  ]);
  expect(step.text).toBe(
    'Done: screenshot, click, type, keypress. The last screenshot shows 1024 x 768 pixels, mostly white.',
  );
});

test('goes on after a safety check only when it is acknowledged', async () => {
  const talk = computer();
  const first = await send(talk, 'Click the safety button.');
  const click = await shown(talk, first);
  const checks = click.items[0]!['pending_safety_checks'] as unknown[];
  expect(checks).toMatchObject([{ code: 'malicious_instructions' }]);
  await expect(shown(talk, click)).rejects.toMatchObject({ status: 400 });
  expect((await shown(talk, click, checks)).types).toEqual(['message']);
});
