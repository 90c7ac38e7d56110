import type { Turn } from '../../turn.ts';
import { TurnError } from '../../turn.ts';
import type { Ask } from '../ask.ts';
import type { Thought } from '../thought.ts';
import { stringOf } from '../values.ts';
import type { Findings, ToolRun } from './findings.ts';

/** Tool types that the rules can play. */
const PLAYED = new Set(['function', 'custom']);

/** Refuses tools that the rules cannot play, rather than ignoring them. @throws TurnError 400. */
export function checkTools(_turn: Turn, ask: Ask): void {
  for (const [index, tool] of ask.tools.entries()) {
    const type = stringOf(tool['type']) ?? '';
    if (!PLAYED.has(type)) {
      throw new TurnError(
        400,
        `The simulator does not play tools of type '${type}'. It plays: ${[...PLAYED].join(', ')}.`,
        {
          code: 'unsupported_tool',
          param: `tools[${index}].type`,
        },
      );
    }
  }
}

export async function* runHostedTools(_thought: Thought, _findings: Findings): ToolRun {}
