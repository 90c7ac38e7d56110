import type { TestProject } from 'vitest/node';
import type { Endpoints } from '../../local/world/endpoints.ts';
import { startWorld, type World } from './world.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The one world that all contract tests share: `inject('endpoints')`. Each test is a caller of its own. */
    endpoints: Endpoints;
  }
}

/**
 * Deployments that callers may use here: those of the tests, and two that the service does not have. It has others (`o3`), which
 * are not offered.
 */
const ALLOWED_MODELS = 'gpt-4.1,gpt-4.1-mini,gpt-4o,gpt-5-mini,gpt-5.4,o4-mini,computer-use-preview,nope,gpt-none';

let world: World | undefined;

/** vitest calls it once before the contract tests. */
export async function setup(project: TestProject): Promise<void> {
  world = await startWorld({ environment: { ALLOWED_MODELS, ALLOWED_IMAGE_DEPLOYMENTS: 'gpt-image-1-mini' } });
  project.provide('endpoints', world.endpoints);
}

/** vitest calls it once after the contract tests. */
export async function teardown(): Promise<void> {
  await world?.stop();
}
