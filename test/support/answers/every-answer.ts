import { afterAll, afterEach, inject } from 'vitest';
import type { Endpoints } from '../../../local/world/endpoints.ts';
import { takeBroken, watch } from './checked-fetch.ts';

/** vitest runs it before every test file: no test reads the gateway past the check, and none outlives what the check finds. */
watchShared(inject('endpoints'));

afterEach(failIfBroken);
afterAll(failIfBroken);

function failIfBroken(): void {
  const [first] = takeBroken();
  if (first !== undefined) throw first;
}

/** Only contract tests share a world; every other is watched from its start. */
function watchShared(endpoints: Endpoints | undefined): void {
  if (endpoints === undefined) return;
  watch(endpoints.gateway);
  watch(endpoints.openai, 'service');
}
