import { posix } from 'node:path';
import type { JsonObject } from '../upstream/wire.ts';
import type { Answer } from './answer.ts';
import { sourceOf, type DocumentEntry } from './entry.ts';
import { whatToDo, type Failure } from './failures.ts';
import { costOf } from './prices.ts';

/** The JSON and Markdown that people and programs read. Pure: the same entry and answer give the same bytes. */

const iso = (unixSeconds: number | undefined): string | undefined =>
  unixSeconds === undefined ? undefined : new Date(unixSeconds * 1000).toISOString();

/** The object of `analysis.json`. */
export function analysisJson(entry: DocumentEntry, answer: Answer): JsonObject {
  return {
    object: 'document.analysis',
    document_id: entry.key,
    source: sourceOf(entry),
    response_id: entry.responseId,
    chain_id: entry.chainId,
    model: answer.model,
    pages: entry.plan?.pages,
    kind: entry.plan?.kind,
    bytes: entry.bytes,
    answer: answer.text,
    ...(answer.structured ? { data: answer.data ?? null } : {}),
    usage: answer.usage,
    estimated_cost_usd: answer.tokens === undefined ? undefined : costOf(answer.model, answer.tokens),
    prompt: { source: answer.promptSource, sha256: answer.promptSha256 },
    ...(answer.schemaSha256 === undefined
      ? {}
      : { schema: { source: answer.schemaSource, sha256: answer.schemaSha256 } }),
    run: entry.run,
    received_at: iso(entry.createdAt),
    started_at: iso(answer.createdAt),
    completed_at: iso(answer.completedAt ?? entry.finishedAt),
  };
}

/** The text of `analysis.md`: what it is about, the answer, and how to go on from here. */
export function analysisMarkdown(entry: DocumentEntry, answer: Answer): string {
  const title = oneLine(posix.basename(entry.name).replace(/\.pdf$/i, ''));
  const pages = entry.plan?.pages ?? 0;
  const body = answer.structured ? ['```json', pretty(answer), '```'].join('\n') : answer.text;
  const cost = answer.tokens === undefined ? undefined : costOf(answer.model, answer.tokens);
  const facts = [
    `Source: \`${oneLine(`${entry.container}/${entry.name}`)}\``,
    `Pages: ${pages}${entry.plan?.kind === 'scan' ? ' (scanned)' : ''}`,
    `Model: ${answer.model}`,
    ...(cost === undefined ? [] : [`Estimated cost: US$ ${cost.toFixed(4)} at list price`]),
  ];
  return [
    `# ${title}`,
    facts.join(' · '),
    body,
    '---',
    '## Ask on',
    'Every further question continues this conversation: send it with the id below as `previous_response_id`.',
    ['```json', followUp(answer.model, entry.responseId), '```'].join('\n'),
    `POST it to \`/openai/v1/responses\` of the gateway. Facts for programs are in \`analysis.json\`.`,
    '',
  ].join('\n\n');
}

const pretty = (answer: Answer): string =>
  answer.data === undefined ? answer.text : JSON.stringify(answer.data, undefined, 2);

const followUp = (model: string, responseId: string): string =>
  JSON.stringify({ model, previous_response_id: responseId, input: 'Your question about the document' }, undefined, 2);

/** Names may hold anything; a line break or a backtick in one must not become Markdown of ours. */
const oneLine = (text: string): string => text.replace(/[\u0000-\u001f`]+/g, ' ').trim();

/** The object of `error.json`. */
export function errorJson(entry: DocumentEntry, failure: Failure, now: number): JsonObject {
  return {
    object: 'document.error',
    document_id: entry.key,
    reason: failure.reason,
    message: failure.message,
    what_to_do: whatToDo[failure.reason],
    source: sourceOf(entry),
    pages: entry.plan?.pages,
    run: entry.run,
    failed_at: iso(now),
  };
}
