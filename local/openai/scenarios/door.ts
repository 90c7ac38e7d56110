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

type Command = (service: Service, request: DoorRequest) => object;

const marker = ({ query }: DoorRequest): string | undefined => query.get('contains') ?? undefined;

const COMMANDS: Readonly<Record<string, Command>> = {
  'POST scenarios': ({ book }, { body }) => ({ id: book.add(understood(scenarioSchema, body)) }),
  'GET scenarios': (service, request) => scenarios(service, request.query.get('left') === 'true', marker(request)),
  'DELETE scenarios/:n'({ book }, { path }) {
    if (!book.remove(Number(path.split('/')[1]))) throw pathNotFound();
    return { removed: true };
  },
  'DELETE scenarios'({ book }) {
    book.clear();
    return { removed: true };
  },
  'GET counts': ({ journal }, request) => journal.counts(marker(request)),
  'GET requests': ({ journal }, request) => ({ data: journal.entries(marker(request)).map(shown) }),
  'GET state': state,
  'POST forget'(service, { body }) {
    forget(service, understood(forgetSchema, body));
    return { forgotten: true };
  },
  'POST clock'({ clock }, { body }) {
    clock.advance(understood(clockSchema, body).advanceMs);
    return { now: clock.now() };
  },
  'POST reset'(service) {
    service.reset();
    return { reset: true };
  },
};

/** The control door: how tests make the simulator misbehave, and see what it was asked. */
export function control(service: Service, request: DoorRequest): Answer {
  const command = COMMANDS[`${request.method} ${request.path.replace(/\/\d+$/, '/:n')}`];
  if (!command) throw pathNotFound();
  return { body: command(service, request) };
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
  if ('fileId' in what) {
    files.delete(what.fileId);
    return;
  }
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
