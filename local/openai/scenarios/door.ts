import { z } from 'zod';
import type { Answer } from '../http/answer.ts';
import { invalid, pathNotFound } from '../refusals.ts';
import type { Service } from '../service.ts';
import type { Entry } from './journal.ts';
import { scenarioSchema } from './fault.ts';

const forgetSchema = z.union([
  z.strictObject({ responseId: z.string(), forMs: z.number().min(0).optional() }),
  z.strictObject({ fileId: z.string() }),
]);
const clockSchema = z.strictObject({ advanceMs: z.number() });

export interface DoorRequest {
  method: string;
  /** Below `/_control/`, for example `scenarios`. */
  path: string;
  query: URLSearchParams;
  body: unknown;
}

/** The control door: how tests make the simulator misbehave, and see what it was asked. */
export function control(service: Service, request: DoorRequest): Answer {
  const contains = request.query.get('contains') ?? undefined;
  switch (`${request.method} ${request.path.replace(/\/\d+$/, '/:n')}`) {
    case 'POST scenarios':
      return { status: 201, body: { id: service.book.add(understood(scenarioSchema, request.body)) } };
    case 'GET scenarios':
      return { body: scenarios(service, request.query.get('left') === 'true', contains) };
    case 'DELETE scenarios/:n':
      if (!service.book.remove(Number(request.path.split('/')[1]))) throw pathNotFound();
      return { body: { removed: true } };
    case 'DELETE scenarios':
      service.book.clear();
      return { body: { removed: true } };
    case 'GET counts':
      return { body: service.journal.counts(contains) };
    case 'GET requests':
      return { body: { data: service.journal.entries(contains).map(shown) } };
    case 'GET state':
      return { body: state(service) };
    case 'POST forget':
      forget(service, understood(forgetSchema, request.body));
      return { body: { forgotten: true } };
    case 'POST clock':
      service.clock.advance(understood(clockSchema, request.body).advanceMs);
      return { body: { now: service.clock.now() } };
    case 'POST reset':
      service.reset();
      return { body: { reset: true } };
    default:
      throw pathNotFound();
  }
}

function understood<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (!result.success) throw invalid(z.prettifyError(result.error), null);
  return result.data;
}

function scenarios({ book }: Service, onlyLeft: boolean, contains: string | undefined): object {
  const data = book
    .list()
    .filter(({ left, used }) => !onlyLeft || (left === 'always' ? used === 0 : left > 0))
    .filter(({ scenario }) => contains === undefined || (scenario.match.contains ?? '').includes(contains));
  return { data };
}

function state({ responses, files, containers, runs }: Service): object {
  return {
    responses: responses.count(),
    files: files.all().length,
    containers: containers.all().length,
    running: runs.count(),
  };
}

function forget({ responses, files, runs }: Service, what: z.infer<typeof forgetSchema>): void {
  if ('fileId' in what) return files.delete(what.fileId);
  if (what.forMs === undefined) runs.abandon(what.responseId);
  responses.forget(what.responseId, what.forMs);
}

const CREDENTIALS = new Set(['authorization', 'api-key', 'cookie']);

function shown(entry: Entry): object {
  const { body, headers, ...rest } = entry;
  const open = Object.entries(headers).filter(([name]) => !CREDENTIALS.has(name));
  return { ...rest, headers: Object.fromEntries(open), body: readable(body) };
}

function readable(body: Buffer): unknown {
  if (body.length === 0) return null;
  const text = body.toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: what was sent is shown as it came.
    return text;
  }
}
