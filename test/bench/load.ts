/** How long things take, and how many go at a time. */

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const before = performance.now();
  await work();
  return performance.now() - before;
}

/** The value below which that share of all values lies. */
export const at = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * share)] ?? Number.NaN;

/** Times of so many runs, one after the other; the first tenth is warm-up. */
export async function oneByOne(count: number, work: () => Promise<number>): Promise<number[]> {
  const times: number[] = [];
  for (let n = 0; n < count; n += 1) times.push(await work());
  return times.slice(Math.floor(count / 10));
}

export const p50 = async (count: number, work: () => Promise<unknown>): Promise<number> =>
  at(await oneByOne(count, () => timed(work)), 0.5);

export const TOGETHER = 16;

/** Runs work so many times, sixteen at a time. Gives how many were done in a second. */
export async function rate(count: number, work: () => Promise<unknown>): Promise<number> {
  let left = count;
  const worker = async (): Promise<void> => {
    while (left-- > 0) await work();
  };
  const ms = await timed(() => Promise.all(Array.from({ length: TOGETHER }, worker)));
  return (count / ms) * 1000;
}

/** Asks again until there is an answer. */
export async function until<T>(pauseMs: number, ask: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await ask();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
