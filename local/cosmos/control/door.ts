import { z } from 'zod';
import { json, type Answer } from '../http/answer.ts';
import { jsonBody, type CosmosRequest } from '../http/request.ts';
import type { Catalog } from '../store/catalog.ts';
import type { Counts } from './counts.ts';
import type { Faults } from './faults.ts';

/** First part of the path of everything that steers the stand-in. */
export const CONTROL_SEGMENT = '_control';

export interface ControlRoom {
  catalog: Catalog;
  faults: Faults;
  counts: Counts;
  /** Moves the stand-in's clock (TTL, `_ts`) forward. */
  advanceClock: (ms: number) => void;
}

const clockSchema = z.strictObject({ advanceMs: z.number().positive() });

/** Answers a test that steers: no authentication, because the door exists only when it was asked for. */
export function handleControl(request: CosmosRequest, room: ControlRoom): Answer {
  const door = `${request.method} ${request.segments.slice(1).join('/')}`;
  switch (door) {
    case 'GET faults':
      return json(200, room.faults.planned);
    case 'POST faults':
      return attempt(() => room.faults.plan(jsonBody(request)));
    case 'GET held':
      return json(200, room.faults.held);
    case 'POST release':
      room.faults.release(request.search.get('contains') ?? undefined);
      return { status: 204 };
    case 'GET counts':
      return json(200, room.counts);
    case 'GET documents':
      return json(200, countDocuments(request, room.catalog));
    case 'POST clock':
      return attempt(() => room.advanceClock(clockSchema.parse(jsonBody(request)).advanceMs));
    case 'POST reset':
      room.faults.clear();
      room.counts.clear();
      return { status: 204 };
    default:
      return json(404, {
        message: `No such door: ${door}. There are GET/POST faults, GET held, POST release, GET counts, GET documents, POST clock, POST reset.`,
      });
  }
}

function attempt(act: () => void): Answer {
  try {
    act();
    return { status: 204 };
  } catch (error) {
    return json(400, { message: error instanceof Error ? error.message : 'The body is wrong.' });
  }
}

/** Documents by container; `?container=` picks one, `?database=` too, `?contains=` counts those that hold a text. */
function countDocuments(request: CosmosRequest, catalog: Catalog) {
  const wanted = { database: request.search.get('database'), container: request.search.get('container') };
  const containing = request.search.get('contains') ?? '';
  const containers = Array.from(catalog.databases, (database) =>
    Array.from(database.containers.values(), (container) => ({
      database: database.id,
      container: container.id,
      count: container.documents.count(containing),
    })),
  ).flat();
  const chosen = containers.filter(
    ({ database, container }) =>
      (wanted.database ?? database) === database && (wanted.container ?? container) === container,
  );
  return { count: chosen.reduce((sum, { count }) => sum + count, 0), containers: chosen };
}
