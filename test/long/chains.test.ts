import { afterAll, beforeAll, expect, it } from 'vitest';
import { IMAGE_BASE64, proveChain } from '../support/chain-proof.ts';
import { startMcpServer, type TestMcpServer } from '../support/mcp-server.ts';
import { startWorld, type World } from '../support/world.ts';

let world: World;
let mcp: TestMcpServer;
beforeAll(async () => {
  [world, mcp] = await Promise.all([startWorld(), startMcpServer()]);
});
afterAll(() => Promise.all([world.stop(), mcp.stop()]));

it('a chain of 500 turns costs the same at its end, stays small, and goes without a trace', async () => {
  await proveChain(world.endpoints, mcp.url, 500);
  const logged = world.output() + world.errors();
  expect(logged).not.toMatch(/ (failed|answer-not-stored|clean-up-failed) /);
  expect(logged).not.toMatch(IMAGE_BASE64);
}, 300_000);
