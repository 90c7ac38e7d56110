import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createHostedApp, type HostedApp } from '../../../local/host/core/hosted-app.ts';
import { Engine } from '../../../local/host/durable/engine/engine.ts';
import { parseDurableSettings } from '../../../local/host/durable/settings.ts';
import { Store } from '../../../local/host/durable/store/store.ts';

const folder = mkdtempSync(join(tmpdir(), 'durable-timers-'));
const log = (): void => undefined;
let app: HostedApp;
beforeAll(async () => {
  app = createHostedApp({
    appFolder: resolve('test/host/durable/app'),
    log,
    timeoutMs: Infinity,
    prepare: (functions) => [...functions],
    extraInputs: () => ({}),
  });
  await app.load();
});
afterAll(async () => {
  await app.terminate();
  rmSync(folder, { recursive: true, force: true });
});

it('splits a timer that is too long, and agrees with the SDK on the numbers of the pieces', async () => {
  const store = new Store(join(folder, 'hub.sqlite'));
  // Days, on the real host.
  const settings = { ...parseDurableSettings({}).settings, maxTimerMs: 120, timerPieceMs: 60 };
  const engine = new Engine({ app, store, settings, deliverOutputs: () => Promise.resolve(), log });
  engine.start();
  const id = engine.startOrchestration({ name: 'measure', input: '300' });
  expect(await engine.whenFinished(id, 10_000)).toMatchObject({ status: 'Completed', output: '6' });
  const timers = store.history(id).filter(({ FireAt, TimerId }) => FireAt !== undefined && TimerId === undefined);
  // Two timers, each in two pieces at least: one that comes late leaves less for the next.
  expect(timers.length).toBeGreaterThanOrEqual(4);
  await engine.stop();
  store.close();
});
