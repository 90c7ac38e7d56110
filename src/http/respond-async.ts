import type { HttpResponseInit } from '@azure/functions';
import type { JsonObject } from '../upstream/wire.ts';
import { json } from './render.ts';

/** `Prefer: respond-async` (RFC 7240), alone or among other preferences. */
export const prefersAsync = (headers: Headers): boolean =>
  (headers.get('prefer') ?? '').split(',').some((preference) => preference.trim().toLowerCase() === 'respond-async');

/** When to follow a fresh link for the first time. */
const FIRST_LOOK_SECONDS = 2;

/** 202 with the link to follow: it opens this one run, so whoever follows needs no other credential. */
export function accepted(
  base: string,
  job: { id: string; token?: string; response: JsonObject; retryAfterSeconds?: number },
): HttpResponseInit {
  const query = job.token === undefined ? '' : `?token=${encodeURIComponent(job.token)}`;
  return json(202, job.response, {
    location: `${base}/jobs/${job.id}${query}`,
    'retry-after': String(job.retryAfterSeconds ?? FIRST_LOOK_SECONDS),
    'preference-applied': 'respond-async',
    'cache-control': 'no-store',
  });
}
