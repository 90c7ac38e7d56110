import { TurnError, type Item } from '../../turn.ts';
import { dominantColour } from '../picture/colours.ts';
import { decodePixels } from '../picture/codecs.ts';
import { readPicture } from '../input/pictures.ts';
import type { Thought } from '../thought.ts';
import { fieldsOf, listOf, numberOf, stringOf, type Fields } from '../values.ts';
import { hashOf } from '../values.ts';
import type { Findings, ToolRun } from './findings.ts';
import { standingOf } from './selection.ts';

/** One step after the other until the script of the prompt is done; each waits for a screenshot. */
export async function* runComputer(thought: Thought, tool: Fields, findings: Findings): ToolRun {
  if (standingOf(thought, tool) === 'barred') return;
  const { talk, turn } = thought;
  checkAcknowledged(talk.turn);
  const steps = scriptOf(talk.prompt, tool);
  const done = talk.turn.filter((item) => item.type === 'computer_call').length;
  const action = steps[done];
  if (!action) {
    findings.add(await report(thought, steps));
    return;
  }
  findings.calls++;
  findings.wait();
  const risky = /\bsafety\b/i.test(talk.prompt) && done === 1;
  yield {
    type: 'computer_call',
    id: turn.newId('cu'),
    call_id: turn.newId('call'),
    status: 'completed',
    ...(tool['type'] === 'computer' ? { actions: [action] } : { action }),
    pending_safety_checks: risky ? [safetyCheck(turn.newId('sc'))] : [],
  };
}

function safetyCheck(id: string): Fields {
  return {
    id,
    code: 'malicious_instructions',
    message:
      'We have detected instructions that may cause your application to perform malicious or unauthorized actions. Please acknowledge this warning if you would like to proceed.',
  };
}

/** @throws TurnError 400 when the caller went on without acknowledging a pending check. */
function checkAcknowledged(items: readonly Item[]): void {
  for (const call of items.filter((item) => item.type === 'computer_call')) {
    const output = items.find((item) => item.type === 'computer_call_output' && item['call_id'] === call['call_id']);
    const acknowledged = new Set(listOf(output?.['acknowledged_safety_checks']).map((check) => fieldsOf(check)['id']));
    const open = listOf(call['pending_safety_checks'])
      .map(fieldsOf)
      .find((check) => !acknowledged.has(check['id']));
    if (output && open) {
      throw new TurnError(
        400,
        `The safety check '${stringOf(open['id']) ?? ''}' of computer call ${stringOf(call['call_id']) ?? ''} must be acknowledged.`,
        {
          code: 'unacknowledged_safety_check',
          param: 'input',
        },
      );
    }
  }
}

/** Look first; then click, type or scroll as the prompt says. */
function scriptOf(prompt: string, tool: Fields): Fields[] {
  const steps: Fields[] = [{ type: 'screenshot' }, { type: 'click', button: 'left', ...placeIn(prompt, tool) }];
  const typed = /\b(?:type|enter|search for|search)\s+["“']?([^"”'.\n]+)/i.exec(prompt)?.[1]?.trim();
  if (typed) steps.push({ type: 'type', text: typed }, { type: 'keypress', keys: ['ENTER'] });
  if (/\bscroll\b/i.test(prompt)) steps.push({ type: 'scroll', ...placeIn(prompt, tool), scroll_x: 0, scroll_y: 400 });
  return steps;
}

/** "(100, 200)" in the prompt, or a place on the display that depends on the prompt. */
function placeIn(prompt: string, tool: Fields): { x: number; y: number } {
  const said = /\(?\b(\d{1,4})\s*,\s*(\d{1,4})\b\)?/.exec(prompt);
  if (said) return { x: Number(said[1]), y: Number(said[2]) };
  const width = numberOf(tool['display_width']) ?? 1_024;
  const height = numberOf(tool['display_height']) ?? 768;
  const seed = hashOf(prompt);
  return { x: seed % width, y: (seed >>> 12) % height };
}

async function report({ talk, turn }: Thought, steps: readonly Fields[]): Promise<string> {
  const last = talk.turn.findLast((item) => item.type === 'computer_call_output');
  const did = steps.map((step) => stringOf(step['type']) ?? '').join(', ');
  const seen = last ? await describe(fieldsOf(last['output']), turn) : '';
  return `Done: ${did}.${seen}`;
}

async function describe(output: Fields, turn: Thought['turn']): Promise<string> {
  const picture = await readPicture(output, turn);
  const pixels = await decodePixels(picture.bytes, picture.mime);
  return ` The last screenshot shows ${picture.width} x ${picture.height} pixels${pixels ? `, mostly ${dominantColour(pixels)}` : ''}.`;
}
