/**
 * Records what the orchestrators do on a running host, for the replay tests: `node test/replay/record.ts`.
 * Old recordings stay: instances that began with them may still be in flight when new code is deployed.
 */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { runResponse, RUN_RESPONSE } from '../../src/background/orchestrator.ts';
import { analyseDocument, ANALYSE_DOCUMENT } from '../../src/documents/orchestrator.ts';
import { openDropBox } from '../support/documents.ts';
import { textPdf } from '../support/pdfs.ts';
import { steer } from '../support/simulator.ts';
import { newCaller, startWorld } from '../support/world.ts';
import { replay, type OrchestratorFunction } from './replay.ts';

const FUNCTIONS: Readonly<Record<string, OrchestratorFunction>> = {
  [RUN_RESPONSE]: runResponse,
  [ANALYSE_DOCUMENT]: analyseDocument,
};
const events = z.array(z.record(z.string(), z.unknown()));

const dataFolder = await mkdtemp(join(tmpdir(), 'record-'));
const world = await startWorld({ dataFolder });
const { client } = newCaller(world.endpoints);

async function respond(about: string, plan: Record<string, unknown>[], cancel = false): Promise<[string, string]> {
  const azure = steer(world.endpoints);
  for (const fault of plan) await azure.plan('create', fault);
  const { id } = await client.responses.create({ model: 'gpt-4.1', input: `Say ${azure.marker}`, background: true });
  if (cancel) await client.responses.cancel(id);
  while (/queued|in_progress/.test((await client.responses.retrieve(id)).status ?? '')) await pause();
  return [id, about];
}
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 500));

const box = await openDropBox(world.endpoints);
const analysis = await box.analysisOf('record.pdf', await box.drop('record.pdf', await textPdf(['Keep this.'])));
const wanted = new Map([
  await respond('completed', [{ kind: 'pace', runningMs: 1_500 }]),
  await respond('put-off', [{ kind: 'throttle', retryAfterSeconds: 1 }]),
  await respond('cancelled', [{ kind: 'stuck', state: 'in_progress' }], true),
  [analysis.document_id, 'document'],
]);
await pause();
await pause();
await world.stop();

const files = await readdir(dataFolder, { recursive: true });
for (const file of files.filter((name) => /\.(db|sqlite)$/.test(name))) {
  const database = new DatabaseSync(join(dataFolder, file));
  const hub = database.prepare("SELECT count(*) AS n FROM sqlite_master WHERE name IN ('instances', 'history')").get();
  if (hub?.n === 2) await recordHub(database);
  database.close();
}
await rm(dataFolder, { recursive: true });

async function recordHub(database: DatabaseSync): Promise<void> {
  for (const [instanceId, about] of wanted) {
    const instance = database.prepare('SELECT name FROM instances WHERE instance_id = ?').get(instanceId);
    const name = typeof instance?.name === 'string' ? instance.name : '';
    const fn = FUNCTIONS[name];
    if (fn === undefined) continue;
    const rows = database.prepare('SELECT events FROM history WHERE instance_id = ? ORDER BY position').all(instanceId);
    const history = rows.flatMap(({ events: text }) => events.parse(JSON.parse(String(text))));
    const made = { name, instanceId, about, history };
    const decided = await replay(fn, { ...made, decided: null });
    const path = new URL(`../recordings/orchestrators/${name}-${about}.json`, import.meta.url);
    await writeFile(path, `${JSON.stringify({ ...made, decided }, null, 1)}\n`);
  }
}
