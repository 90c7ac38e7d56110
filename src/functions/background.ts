import * as df from 'durable-functions';
import { ADVANCE_RESPONSE, RUN_RESPONSE, runResponse } from '../background/orchestrator.ts';
import type { Services } from '../platform/services.ts';

export function register({ background }: Services): void {
  df.app.orchestration(RUN_RESPONSE, runResponse);
  df.app.activity(ADVANCE_RESPONSE, { handler: (id: string) => background.advance(id) });
}
