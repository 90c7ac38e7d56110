import { note } from './console.ts';
import { StartFailure } from './start-failure.ts';

/** Ctrl+C to silence takes two seconds at most; the rest is left to the operating system and the leash of the children. */
const STOP_LIMIT_MS = 1_900;
const PARENT_CHECK_MS = 500;

/** Resolves when somebody wants this process to end. */
export function asked(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
    // npm passes SIGTERM to a shell, which may die of it without passing it on: then this process has a new parent.
    if (process.env.npm_lifecycle_event === undefined) return;
    const parent = process.ppid;
    setInterval(() => {
      if (process.ppid !== parent) resolve();
    }, PARENT_CHECK_MS).unref();
  });
}

/** Runs a command of the local world. What makes it fail is told, and the exit code is 1. */
export async function runCommand(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    report(error);
    process.exit(1);
  }
}

/** Waits until somebody wants the end, or a part comes to it by itself, which is told and gives the exit code 1. */
export async function runToEnd(
  running: { broken: Promise<string>; stop(): Promise<void> },
  end: Promise<void>,
): Promise<never> {
  const broken = await Promise.race([running.broken, end]);
  if (broken !== undefined) note('error', `${broken} Everything stops; a new start brings it back with its state.`);
  return endProcess(broken === undefined ? 0 : 1, () => running.stop());
}

/** Stops, and ends the process: by itself if it can, by force when it takes too long. */
export async function endProcess(code: number, stop: () => Promise<void>): Promise<never> {
  setTimeout(() => process.exit(code), STOP_LIMIT_MS).unref();
  await stop();
  process.exit(code);
}

/** One sentence for what a person can mend; everything else is a defect and comes with its stack. */
export function report(error: unknown): void {
  if (error instanceof StartFailure) process.stderr.write(`${error.message}\n`);
  else note('error', error instanceof Error ? (error.stack ?? error.message) : String(error));
}
