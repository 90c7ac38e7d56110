import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { DocumentFailure } from '../failures.ts';
import type { Inspection, ReadingAnswer, ReadingRequest } from './messages.ts';

/** A file that takes longer is made to. */
const READING_LIMIT_MS = 30_000;

/** The thread goes away when nothing is dropped for a while, and gives its memory back. */
const IDLE_LIMIT_MS = 60_000;

/** A damaged file can make pdf.js allocate without end; the thread dies of it, the process does not. */
const THREAD_HEAP_MEGABYTES = 256;

type Question = { ask: 'inspect'; path: string } | { ask: 'schema'; schema: unknown };

interface Pending {
  resolve: (answer: ReadingAnswer) => void;
  reject: (error: Error) => void;
}

/** The reading thread beside the bundle, or beside this file when the sources run as they are. */
const THREAD_FILE = join(import.meta.dirname, `worker${extname(import.meta.filename)}`);

/**
 * Reads PDFs and schemas in a thread of its own, one after the other: pdf.js is 1.7 MB that no other request needs,
 * it computes for long, and what it reads comes from strangers.
 */
export class Reader {
  readonly #file: string;
  #worker: Worker | undefined;
  #pending: Pending | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #idle: NodeJS.Timeout | undefined;
  #count = 0;

  constructor(file: string = THREAD_FILE) {
    this.#file = file;
  }

  /** @throws {DocumentFailure} `encrypted` or `damaged`. */
  async inspect(path: string): Promise<Inspection> {
    const answer = await this.#ask({ ask: 'inspect', path });
    if ('inspection' in answer) return answer.inspection;
    throw toFailure(answer);
  }

  /** @throws {DocumentFailure} `invalid_schema` */
  async checkSchema(schema: unknown): Promise<void> {
    const answer = await this.#ask({ ask: 'schema', schema });
    if (!('schemaOk' in answer)) throw toFailure(answer);
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle);
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #ask(question: Question): Promise<ReadingAnswer> {
    const answer = this.#queue.then(() => this.#exchange(question));
    // The next question does not depend on how this one ends.
    this.#queue = answer.catch(() => undefined);
    return answer;
  }

  async #exchange(question: Question): Promise<ReadingAnswer> {
    clearTimeout(this.#idle);
    const worker = (this.#worker ??= this.#start());
    this.#count += 1;
    const request: ReadingRequest = { id: this.#count, ...question };
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<ReadingAnswer>((resolve, reject) => {
        this.#pending = { resolve, reject };
        timer = setTimeout(() => reject(tooHard(question)), READING_LIMIT_MS);
        worker.postMessage(request);
      });
    } catch (error) {
      await this.close();
      throw error;
    } finally {
      clearTimeout(timer);
      this.#pending = undefined;
      this.#idle = setTimeout(() => void this.close(), IDLE_LIMIT_MS);
      this.#idle.unref();
    }
  }

  #start(): Worker {
    const worker = new Worker(this.#file, {
      resourceLimits: { maxOldGenerationSizeMb: THREAD_HEAP_MEGABYTES },
      // The thread inherits nothing that it could tell: no settings, no arguments.
      env: {},
      argv: [],
    });
    worker.unref();
    worker.on('message', (answer: ReadingAnswer) => this.#pending?.resolve(answer));
    worker.on('error', (error: Error) => {
      if (this.#worker === worker) this.#worker = undefined;
      const exhausted = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      this.#pending?.reject(
        exhausted
          ? new DocumentFailure('damaged', 'The file is damaged: reading it takes more memory than there is.')
          : error,
      );
    });
    return worker;
  }
}

const tooHard = (question: Question): DocumentFailure =>
  question.ask === 'schema'
    ? new DocumentFailure('invalid_schema', 'The schema takes too long to check.')
    : new DocumentFailure('damaged', `The file could not be read within ${READING_LIMIT_MS / 1000} seconds.`);

function toFailure(answer: ReadingAnswer): DocumentFailure {
  if (!('verdict' in answer)) return new DocumentFailure('damaged', 'The file could not be read.');
  return answer.verdict === 'invalid_schema'
    ? new DocumentFailure('invalid_schema', `The schema cannot be used: ${answer.message}.`)
    : new DocumentFailure(answer.verdict, answer.message);
}
