import { STREAMED, type Call, type Outcome } from '../http/call.ts';
import { flag, included } from '../http/query.ts';
import { openStream } from '../http/stream.ts';
import { RESUME_WINDOW_MS } from '../limits.ts';
import { invalid, responseNotFound } from '../refusals.ts';
import { checkInclude, visible } from '../responses/include.ts';
import { includeOf } from '../runs/run.ts';
import type { Service } from '../service.ts';
import type { StoredResponse } from '../store/record.ts';
import { EventLog } from '../streams/log.ts';
import { follow } from '../streams/sse.ts';

/** `GET /responses/{id}`: the object, or its events from where the reader left off. */
export async function retrieve(service: Service, call: Call): Promise<Outcome> {
  const record = find(service, call);
  const include = included(call.query);
  checkInclude(include);
  if (flag(call.query, 'stream') === true) return resume(service, call, record);
  const seen = visible(record.response, new Set([...includeOf(record), ...include]));
  const strange = call.plan.find('unknown_status');
  return { body: strange ? { ...seen, status: strange.status } : seen };
}

function find({ responses, runs }: Service, call: Call): StoredResponse {
  const id = call.params[0] ?? '';
  if (call.plan.has('vanish')) {
    runs.abandon(id);
    responses.delete(id);
  }
  const record = responses.get(id);
  if (!record) throw responseNotFound(id);
  return record;
}

async function resume(service: Service, call: Call, record: StoredResponse): Promise<Outcome> {
  const from = startingAfter(call) + 1;
  const plain = flag(call.query, 'include_obfuscation') === false;
  const log = logOf(service, call, record);
  openStream(call);
  await follow(log, call.response, { from, plain, plan: call.plan, signal: call.signal });
  return STREAMED;
}

function startingAfter({ query }: Call): number {
  const value = query.get('starting_after');
  if (value === null) return -1;
  if (/^\d+$/.test(value)) return Number(value);
  throw invalid(
    `Invalid type for 'starting_after': expected an integer, but got '${value}' instead.`,
    'starting_after',
    'invalid_type',
  );
}

/** @throws Refusal 400 when this response cannot be streamed, with the reason. */
function logOf({ runs, responses, clock }: Service, call: Call, record: StoredResponse): EventLog {
  const { id, background } = record.response;
  if (!background || record.request.stream !== true) {
    throw invalid(
      'This response cannot be streamed because it was not created with background=true and stream=true.',
      'stream',
    );
  }
  if (clock.now() - record.createdAt > RESUME_WINDOW_MS) {
    throw invalid('This response cannot be streamed because it is more than 5 minutes old.', 'stream');
  }
  const running = runs.get(id)?.log;
  if (running && !call.plan.has('refuse_resume')) return running;
  const frames = responses.frames(id);
  if (!frames || call.plan.has('refuse_resume')) {
    throw invalid('This response can no longer be streamed.', 'stream');
  }
  return EventLog.of(frames);
}
