interface Stoppable {
  stop(): Promise<void>;
}

/** Everything that was started together and has to stop together. */
export class Running {
  readonly #starting: Promise<Stoppable>[] = [];

  /** Remembers what is being started, and gives it back. */
  keep<T extends Stoppable>(starting: Promise<T>): Promise<T> {
    this.#starting.push(starting);
    return starting;
  }

  /** Stops what has come up; waits for what is still coming up, so that nothing is left behind. */
  async stop(): Promise<void> {
    const settled = await Promise.allSettled(this.#starting);
    const parts = settled.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    await Promise.allSettled(parts.map((part) => part.stop()));
  }
}

/**
 * Starts what belongs together.
 * @throws what `start` throws; whatever has come up by then is stopped again.
 */
export async function startTogether<T>(start: (running: Running) => Promise<T>): Promise<T> {
  const running = new Running();
  try {
    return await start(running);
  } catch (error) {
    await running.stop();
    throw error;
  }
}
