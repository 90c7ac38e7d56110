import { json } from '../http/render.ts';
import { openRoute } from '../http/route.ts';
import type { ConfigurationError } from '../platform/config.ts';

/** Says whether the app is up. Without an identity it says nothing else, but for what is wrong with the settings. */
export function register(fault?: ConfigurationError): void {
  const state =
    fault === undefined
      ? json(200, { status: 'ok' })
      : json(503, { status: 'misconfigured', faults: fault.faults }, { 'x-should-retry': 'false' });
  openRoute('health', ['GET'], 'health', state);
}
