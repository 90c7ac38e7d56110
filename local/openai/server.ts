import { listen, type RunningServer } from '../kit/server.ts';
import { createClock } from './clock.ts';
import { createDoorman } from './http/doorman.ts';
import { createGate, type TokenRules } from './identity.ts';
import { createRuns } from './runs/background.ts';
import { resumeRuns } from './runs/resume.ts';
import { createBook } from './scenarios/book.ts';
import { createJournal } from './scenarios/journal.ts';
import { openSeals } from './seals.ts';
import type { Service } from './service.ts';
import { openContainers } from './store/containers.ts';
import { openDatabase } from './store/database.ts';
import { openFiles } from './store/files.ts';
import { openParts } from './store/parts.ts';
import { openResponses } from './store/responses.ts';
import type { Think } from './turn.ts';

export interface OpenAIOptions {
  /** 0 (the default) takes a free port. */
  port?: number;
  /** SQLite file that keeps everything over a restart; without one it goes with the process. */
  dataFile?: string;
  /** The tenant whose tokens are let in. Without it a token's audience and expiry are checked, its signature is not. */
  tokens?: TokenRules;
  /** What decides on the answers; the rules of `mind/` when absent. */
  think?: Think;
  /** Added to the time of every run. */
  thinkMs?: number;
}

/**
 * Starts a stand-in for one Azure OpenAI resource. Its README says what it promises and what it refuses.
 * @throws the `listen` error when the port cannot be had.
 */
export async function startOpenAI(options: OpenAIOptions = {}): Promise<RunningServer> {
  const think = options.think ?? (await import('./mind/think.ts')).think;
  const database = openDatabase(options.dataFile);
  const clock = createClock();
  const parts = openParts(database);
  const responses = openResponses(database, clock);
  const files = openFiles(database, parts, clock);
  const containers = openContainers(database, parts, clock);
  const runs = createRuns(responses, options.thinkMs ?? 0);
  const book = createBook();
  const journal = createJournal();
  const service: Service = {
    clock,
    responses,
    files,
    containers,
    parts,
    seals: openSeals(database),
    runs,
    book,
    journal,
    think,
    thinkMs: options.thinkMs ?? 0,
    reset() {
      runs.stop();
      for (const part of [responses, files, containers, book, journal]) part.clear();
    },
  };
  resumeRuns(service);
  const server = await listen(createDoorman(service, createGate(options.tokens)), { port: options.port }).catch(
    (error: unknown) => {
      database.close();
      throw error;
    },
  );
  let stopping: Promise<void> | undefined;
  return {
    ...server,
    stop: () =>
      (stopping ??= (async () => {
        runs.stop();
        await server.stop();
        database.close();
      })()),
  };
}
