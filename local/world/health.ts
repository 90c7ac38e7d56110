import { setTimeout as pause } from 'node:timers/promises';
import { StartFailure } from './start-failure.ts';

const LIMIT_MS = 30_000;
const INTERVAL_MS = 25;

/**
 * Waits until the app says of itself that it is well.
 * @throws StartFailure with the app's own words when it does not get there in time, or says at once what is wrong with its settings.
 */
export async function waitForHealth(gateway: string): Promise<void> {
  const limit = Date.now() + LIMIT_MS;
  for (;;) {
    const answer = await look(gateway);
    if (answer.status === 200) return;
    if (Date.now() > limit || answer.isFinal) {
      throw new StartFailure(`The app is not well: GET ${gateway}/health answered ${answer.status} ${answer.body}`);
    }
    await pause(INTERVAL_MS);
  }
}

async function look(gateway: string): Promise<{ status: number; body: string; isFinal: boolean }> {
  try {
    const response = await fetch(`${gateway}/health`, { signal: AbortSignal.timeout(LIMIT_MS) });
    const body = await response.text();
    // Wrong settings do not mend themselves.
    return { status: response.status, body, isFinal: response.status === 503 && body.includes('"faults"') };
  } catch (error) {
    return { status: 0, body: String(error), isFinal: false };
  }
}
