import { pause } from '../clock.ts';
import { newId, newStem } from '../ids.ts';
import { STREAMED, type Call, type Outcome } from '../http/call.ts';
import { openStream } from '../http/stream.ts';
import { previousResponseNotFound, promptFiltered } from '../refusals.ts';
import { normaliseInput } from '../requests/input.ts';
import { checkRequest, deploymentFor } from '../requests/rules.ts';
import { createSchema, type CreateRequest } from '../requests/schema.ts';
import { checkStrictSchema } from '../requests/strict-schema.ts';
import { checkTools } from '../requests/tools.ts';
import { understand } from '../requests/understand.ts';
import { newResponse } from '../responses/object.ts';
import { chainOf, checkConversation, itemsOf, resolveInput } from '../runs/context.ts';
import { Run, type Steps } from '../runs/run.ts';
import { checkContainer, turnFor, unknownInputFile } from '../runs/turn.ts';
import type { Service } from '../service.ts';
import type { StoredResponse } from '../store/record.ts';
import { follow } from '../streams/sse.ts';
import type { Item } from '../turn.ts';

/** `POST /responses`: at once, as a stream, or in the background. */
export async function create(service: Service, call: Call): Promise<Outcome> {
  const { record, context } = prepare(service, call);
  if (record.response.background) return createInBackground(service, call, record, context);
  const run = new Run({ record, watched: record.request.stream === true, plan: call.plan, now: service.clock.now });
  const steps = await begin(service, call, run, context, call.signal);
  return run.log ? createAsStream(service, call, run, steps) : createAtOnce(service, call, run, steps);
}

/** Checks everything that Azure refuses at once. @throws Refusal */
function prepare(service: Service, call: Call): { record: StoredResponse; context: Item[] } {
  const request = understand(createSchema, call.body);
  const deployment = deploymentFor(request.model);
  const header = call.headers['x-ms-oai-image-generation-deployment'];
  const imageDeployment = Array.isArray(header) ? header[0] : header;
  checkRequest(request, deployment);
  checkTools(request, imageDeployment);
  checkFormat(request);
  if (call.plan.find('content_filter')?.side === 'input') throw promptFiltered();

  const { responses, seals, clock } = service;
  const now = clock.now();
  const stem = newStem();
  const sent = normaliseInput(request.input, stem, now);
  const earlier = earlierItems(service, call, request);
  const input = resolveInput(responses, seals, sent);
  const context = [...earlier, ...input];
  checkConversation(context);
  checkFiles(service, call, request, input);
  const id = newId('resp', stem, now);
  call.entry.responseId = id;
  const response = newResponse(id, request, deployment, now);
  return { record: { createdAt: now, response, input, request: { ...request }, imageDeployment }, context };
}

function earlierItems({ responses }: Service, call: Call, request: CreateRequest): Item[] {
  const parent = request.previous_response_id;
  if (parent == null) return [];
  if (call.plan.has('forget')) throw previousResponseNotFound(parent);
  return itemsOf(chainOf(responses, parent));
}

function checkFormat({ text }: CreateRequest): void {
  const format = text?.format;
  if (format?.type !== 'json_schema' || format.strict !== true) return;
  checkStrictSchema(format.schema, `response_format '${format.name}'`, 'text.format.schema');
}

/** Every file and container that the request names must be there. */
function checkFiles(service: Service, call: Call, request: CreateRequest, input: readonly Item[]): void {
  for (const fileId of fileIdsOf(input)) {
    if (call.plan.has('forget_files') || !service.files.get(fileId)) throw unknownInputFile(fileId);
  }
  for (const { type, container } of request.tools ?? []) {
    if (type === 'code_interpreter' && typeof container === 'string') checkContainer(service, container);
  }
}

function fileIdsOf(items: readonly Item[]): string[] {
  const ids: string[] = [];
  for (const { content } of items) {
    if (!Array.isArray(content)) continue;
    for (const part of content as unknown[]) {
      if (typeof part === 'object' && part !== null && 'file_id' in part && typeof part.file_id === 'string') {
        ids.push(part.file_id);
      }
    }
  }
  return ids;
}

/** The first step of the mind: what it refuses before it becomes the answer of the request. */
async function begin(
  service: Service,
  call: Call,
  run: Run,
  context: readonly Item[],
  signal: AbortSignal,
): Promise<Steps> {
  service.journal.ran(call.entry);
  const rest = service.think(turnFor(service, run.record, context, signal));
  return { first: await rest.next(), rest };
}

async function createAtOnce(service: Service, call: Call, run: Run, steps: Steps): Promise<Outcome> {
  await pause(service.thinkMs, call.signal);
  await run.take(steps, call.signal);
  if (run.response.store && !call.signal.aborted) service.responses.put(run.record);
  return { body: run.seen() };
}

async function createAsStream(service: Service, call: Call, run: Run, steps: Steps): Promise<Outcome> {
  run.open();
  const made = make(service, call, run, steps);
  if (call.plan.has('lose_answer')) await made;
  const outcome = await watch(call, run);
  await made;
  return outcome;
}

/** Runs to the end whatever happens: the answer has begun, so that a failure has to be an event. */
async function make(service: Service, call: Call, run: Run, steps: Steps): Promise<void> {
  try {
    await pause(service.thinkMs, call.signal);
    await run.take(steps, call.signal);
  } catch (error) {
    run.fail(error);
  }
  if (run.response.store && !call.signal.aborted) service.responses.put(run.record);
}

async function createInBackground(
  service: Service,
  call: Call,
  record: StoredResponse,
  context: readonly Item[],
): Promise<Outcome> {
  const run = new Run({ record, watched: record.request.stream === true, plan: call.plan, now: service.clock.now });
  run.open();
  service.responses.put(record);
  // The run goes on while the answer is on its way: what is answered is how it was accepted.
  const accepted = { ...run.seen(), output: [] };
  service.runs.start(run, (signal) => begin(service, call, run, context, signal));
  return run.log ? watch(call, run) : { body: accepted };
}

/** Shows the run to its caller, unless the answer is to be lost. */
async function watch(call: Call, run: Run): Promise<Outcome> {
  const { log } = run;
  if (!log || call.plan.has('lose_answer')) return { body: run.seen() };
  openStream(call);
  await follow(log, call.response, { from: 0, plain: false, plan: call.plan, signal: call.signal });
  return STREAMED;
}
