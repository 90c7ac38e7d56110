import { countItem, countOverhead, loadTokenizer, type Tokenizer } from '../tokens.ts';
import { COMPACTION_TRIGGER, type Item, type Think, type Turn } from '../turn.ts';
import { answer, finish } from './answer/answer.ts';
import { orderIn } from './answer/instructed.ts';
import { readAsk } from './ask.ts';
import { compactionItem } from './compact.ts';
import { filterPrompt, filtersOutput } from './content-filter.ts';
import { madeByModel, readConversation, type Conversation } from './conversation.ts';
import { readAttachments, type Attachments } from './input/attachments.ts';
import { message } from './message.ts';
import { Meter } from './meter.ts';
import { openReasoning, reasoningItem, thinkingTokens } from './reasoning.ts';
import { checkJsonMode, structuredAnswer, wantsJson } from './structured.ts';
import type { Thought } from './thought.ts';
import { Findings } from './tools/findings.ts';
import { callsOf } from './tools/functions.ts';
import { checkTools, forceHosted, runHostedTools } from './tools/hosted.ts';
import { listServers, type McpServer } from './tools/mcp-servers.ts';
import { tellOutputs } from './tools/outputs.ts';
import { searchTools } from './tools/tool-search.ts';
import { fieldsOf, listOf, stringOf } from './values.ts';
import { fitWindow, totalOf, type InputCount } from './window.ts';

/** Answers a turn by the rules that README.md states. */
export const think: Think = async function* (turn) {
  const { thought, count } = await prepare(turn);
  const { ask, tokenizer } = thought;
  const input = totalOf(count);
  const cached = cachedTokens(thought.talk, count);
  const meter = new Meter(ask.maxOutputTokens, tokenizer);
  for await (const made of respond(thought, input)) {
    turn.signal.throwIfAborted();
    const { item, full } = meter.take(made, hiddenTokens(thought, made));
    if (item) yield item;
    if (full) return { status: 'incomplete', reason: 'max_output_tokens', usage: meter.usage(input, cached) };
    if (item?.type === 'message' && item['status'] === 'incomplete') {
      return { status: 'incomplete', reason: 'content_filter', usage: meter.usage(input, cached) };
    }
  }
  return { status: 'completed', usage: meter.usage(input, cached) };
};

/** What a sealed item has cost: the thinking, or the writing of what the next window needs. */
function hiddenTokens({ turn, ask, tokenizer }: Thought, item: Item): number {
  if (item.type !== 'compaction') return thinkingTokens(ask);
  return tokenizer.count(turn.unseal(stringOf(item['encrypted_content']) ?? ''));
}

/** Reads and checks everything that may refuse the turn, before the first item. */
async function prepare(turn: Turn): Promise<{ thought: Thought; count: InputCount }> {
  const ask = readAsk(turn);
  await checkTools(turn, ask);
  openReasoning(turn);
  const whole = readConversation(turn, ask.instructions);
  filterPrompt(whole);
  checkJsonMode({ ask, talk: whole });
  const tokenizer = await loadTokenizer();
  const { talk, count } = fitWindow(turn.model, ask, whole, await countInput(turn, whole, tokenizer));
  const before = talk.items.slice(0, talk.items.length - talk.turn.length);
  const thought = {
    turn,
    ask,
    talk,
    tokenizer,
    recent: await readAttachments(talk.turn, turn),
    earlier: await readAttachments(before, turn),
  };
  return { thought, count };
}

async function countInput(turn: Turn, talk: Conversation, tokenizer: Tokenizer): Promise<InputCount> {
  const perItem: number[] = [];
  for (const item of talk.items) {
    const tokens = countItem(item, turn, tokenizer);
    perItem.push(typeof tokens === 'number' ? tokens : await tokens);
  }
  return { perItem, overhead: countOverhead(turn.request, tokenizer) };
}

/** Prompts from this size on are cached by the service, in steps. */
const MIN_CACHED_TOKENS = 1_024;
const CACHE_STEP_TOKENS = 128;

/** What the turn before has left in the cache: everything up to this turn's own input. */
function cachedTokens(talk: Conversation, { perItem, overhead }: InputCount): number {
  const before = talk.items.length - talk.fresh.length;
  if (before <= 0 || !talk.items.slice(0, before).some(madeByModel)) return 0;
  const prefix = perItem.slice(0, before).reduce((sum, tokens) => sum + tokens, overhead);
  return prefix < MIN_CACHED_TOKENS ? 0 : Math.floor(prefix / CACHE_STEP_TOKENS) * CACHE_STEP_TOKENS;
}

/** The items of the answer, in the order in which a model makes them. */
async function* respond(thought: Thought, inputTokens: number): AsyncGenerator<Item> {
  const { turn, ask, talk } = thought;
  const isCompactRequest = turn.context.at(-1)?.type === COMPACTION_TRIGGER;
  if (isCompactRequest || (ask.compactThreshold !== undefined && inputTokens > ask.compactThreshold)) {
    yield compactionItem(turn, talk, documentsOf(thought));
  }
  if (isCompactRequest) return;
  const servers: McpServer[] = [];
  try {
    yield* listServers(turn, ask, talk, servers);
    const reasoning = reasoningItem(turn, ask, talk);
    if (reasoning) yield reasoning;
    const findings = new Findings();
    if (usesTools(thought)) yield* useTools(thought, servers, findings);
    if (!findings.isWaiting()) yield await finalMessage(thought, findings);
  } finally {
    await Promise.all(servers.map(({ remote }) => remote.close()));
  }
}

/** What is deferred is searched for first. The caller's own tools come next: their calls end the turn. Then the hosted ones. */
async function* useTools(given: Thought, servers: McpServer[], findings: Findings): AsyncGenerator<Item> {
  const found = yield* searchTools(given, findings);
  if (findings.isWaiting()) return;
  const { turn, ask, talk } = given;
  yield* listServers(turn, { ...ask, tools: found }, talk, servers);
  const thought = { ...given, ask: { ...ask, tools: [...ask.tools, ...found] } };
  yield* callerTools(thought, false, findings);
  if (findings.isWaiting()) return;
  yield* runHostedTools(thought, servers, findings);
  if (thought.ask.toolChoice.mode !== 'required' || findings.calls > 0 || findings.isWaiting()) return;
  yield* callerTools(thought, true, findings);
  if (findings.isWaiting()) return;
  yield* runHostedTools(forceHosted(thought), servers, findings);
}

function* callerTools(thought: Thought, must: boolean, findings: Findings): Generator<Item> {
  const calls = callsOf(thought, must);
  if (calls.length > 0) findings.wait();
  yield* calls;
}

function documentsOf({ recent, earlier }: Thought): Attachments {
  return { documents: [...earlier.documents, ...recent.documents], pictures: [] };
}

/** Who is only told what to reply word for word does not look for tools, unless told to. */
function usesTools({ ask, talk }: Thought): boolean {
  if (ask.tools.length === 0 && ask.search === undefined) return false;
  if (ask.toolChoice.mode === 'none') return false;
  const order = orderIn(talk.prompt);
  return ask.toolChoice.mode !== 'auto' || !order || ('before' in order && order.before !== '');
}

async function finalMessage(thought: Thought, findings: Findings): Promise<Item> {
  const made = await compose(thought, findings);
  return filtersOutput(thought.talk) ? cutByFilter(made) : made;
}

async function compose(thought: Thought, findings: Findings): Promise<Item> {
  if (wantsJson(thought)) return message(thought, await structuredAnswer(thought));
  if (!findings.empty) {
    // Annotations point into the text: it stays as it is.
    const text = findings.cites ? findings.text : finish(findings.text, thought);
    return message(thought, text, { annotations: findings.annotations() });
  }
  const told = orderIn(thought.talk.prompt) ? undefined : await tellOutputs(thought);
  if (told !== undefined) return message(thought, finish(told, thought));
  const reply = await answer(thought);
  return message(thought, reply.text, { refusal: reply.refusal === true });
}

/** The filter of the output lets the first half through. */
function cutByFilter(item: Item): Item {
  const part = fieldsOf(listOf(item['content'])[0]);
  const text = stringOf(part['text']) ?? '';
  return {
    ...item,
    status: 'incomplete',
    content: [{ ...part, text: text.slice(0, Math.ceil(text.length / 2)), annotations: [], logprobs: [] }],
  };
}
