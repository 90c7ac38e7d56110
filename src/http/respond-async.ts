import type { HttpResponseInit } from '@azure/functions';
import type { Created } from '../responses/create.ts';
import type { Call } from './call.ts';
import { imageForm } from './image-form.ts';
import { rebuiltHeader } from './rebuilt-header.ts';
import { json } from './render.ts';

/** `Prefer: respond-async` (RFC 7240), alone or among other preferences. */
export const prefersAsync = (headers: Headers): boolean =>
  (headers.get('prefer') ?? '').split(',').some((preference) => preference.trim().toLowerCase() === 'respond-async');

/** When to follow a fresh link for the first time. */
const FIRST_LOOK_SECONDS = 2;

/** 202 with the link to follow: it opens this one run, so whoever follows needs no other credential. */
export function accepted(
  call: Pick<Call, 'url' | 'base'>,
  job: Created & { id: string; token?: string; retryAfterSeconds?: number },
): HttpResponseInit {
  const link = new URL(`${call.base}/jobs/${job.id}`);
  if (job.token !== undefined) link.searchParams.set('token', job.token);
  // Whoever asked for links to images gets them at the end, too.
  if (imageForm(call).as === 'links') link.searchParams.set('images', 'url');
  return json(202, job.response, {
    location: link.href,
    'retry-after': String(job.retryAfterSeconds ?? FIRST_LOOK_SECONDS),
    'preference-applied': 'respond-async',
    'cache-control': 'no-store',
    ...rebuiltHeader(job.rebuilt),
    ...job.rateLimits,
  });
}
