import type { Thought } from '../thought.ts';
import type { Fields } from '../values.ts';
import { shorten } from '../words.ts';
import type { Findings, ToolRun } from './findings.ts';
import { hasRun, standingOf } from './selection.ts';

const ASKS_FOR_WEB = /\b(?:search|look up|google|browse|web|internet|online|news|latest|current events)\b/i;

/** Plays the search, and says that the simulator has no web: it invents no source. */
export async function* runWebSearch(thought: Thought, tool: Fields, findings: Findings): ToolRun {
  const { talk, turn } = thought;
  const standing = standingOf(thought, tool);
  if (hasRun(thought, 'web_search_call')) return;
  if (standing !== 'forced' && (standing === 'barred' || !ASKS_FOR_WEB.test(talk.prompt))) return;
  findings.calls++;
  const query = shorten(talk.prompt.replace(/\s+/g, ' '), 200);
  yield await Promise.resolve({
    type: 'web_search_call',
    id: turn.newId('ws'),
    status: 'completed',
    action: { type: 'search', query },
  });
  findings.add(`I searched for "${query}". The simulator has no web, so there are no results to cite.`);
}
