import type { TestProject } from 'vitest/node';
import type { Endpoints } from '../../local/world/endpoints.ts';
import { startWorld, type World } from './world.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The one world that all contract tests share: `inject('endpoints')`. Each test is a caller of its own. */
    endpoints: Endpoints;
  }
}

let world: World | undefined;

/** vitest calls it once before the contract tests. */
export async function setup(project: TestProject): Promise<void> {
  world = await startWorld();
  project.provide('endpoints', world.endpoints);
}

/** vitest calls it once after the contract tests. */
export async function teardown(): Promise<void> {
  await world?.stop();
}
