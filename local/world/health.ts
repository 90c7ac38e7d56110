import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { StartFailure } from './start-failure.ts';

const LIMIT_MS = 30_000;
const INTERVAL_MS = 25;

/** What the app says while its settings are wrong: they do not mend themselves. */
const misconfigured = z.object({ faults: z.array(z.string()) });

/**
 * Waits until the app says of itself that it is well.
 * @throws StartFailure with the app's own words when it does not get there in time, or says at once what is wrong with its settings.
 */
export async function waitForHealth(gateway: string): Promise<void> {
  const limit = Date.now() + LIMIT_MS;
  for (;;) {
    const answer = await look(gateway);
    if (answer.status === 200) return;
    if (answer.faults !== undefined) {
      throw new StartFailure(`The app cannot work with these settings: ${answer.faults.join('; ')}.`);
    }
    if (Date.now() > limit) {
      throw new StartFailure(`The app is not well: GET ${gateway}/health answered ${answer.status} ${answer.body}`);
    }
    await pause(INTERVAL_MS);
  }
}

async function look(gateway: string): Promise<{ status: number; body: string; faults?: string[] }> {
  try {
    const response = await fetch(`${gateway}/health`, { signal: AbortSignal.timeout(LIMIT_MS) });
    const body = await response.text();
    if (response.status !== 503 || !body.startsWith('{')) return { status: response.status, body };
    return { status: response.status, body, faults: misconfigured.safeParse(JSON.parse(body)).data?.faults };
  } catch (error) {
    return { status: 0, body: String(error) };
  }
}
