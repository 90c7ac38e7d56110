import type { Clock } from './clock.ts';
import type { Runs } from './runs/background.ts';
import type { Book } from './scenarios/book.ts';
import type { Journal } from './scenarios/journal.ts';
import type { Seals } from './seals.ts';
import type { ContainerStore } from './store/containers.ts';
import type { Files } from './store/files.ts';
import type { Parts } from './store/parts.ts';
import type { Responses } from './store/responses.ts';
import type { Think } from './turn.ts';

/** What the operations share: the state of one Azure OpenAI resource. */
export interface Service {
  clock: Clock;
  responses: Responses;
  files: Files;
  containers: ContainerStore;
  parts: Parts;
  seals: Seals;
  runs: Runs;
  book: Book;
  journal: Journal;
  think: Think;
  /** Added to the time of every run. */
  thinkMs: number;
  /** Forgets everything but the key of the seals. */
  reset(): void;
}
