import { readFile } from 'node:fs/promises';

const LOOK_MS = 20;

/** How far the memory of a process rises at most while something is done. @throws when the process tells nothing of its memory. */
export async function riseDuring<T>(
  pid: number | undefined,
  work: () => Promise<T>,
): Promise<{ answer: T; megabytes: number }> {
  const before = await residentMegabytes(pid);
  let most = before;
  let looks = 0;
  const look = async (): Promise<void> => {
    most = Math.max(most, await residentMegabytes(pid));
    looks += 1;
  };
  const watch = setInterval(() => void look().catch(() => undefined), LOOK_MS);
  const answer = await work().finally(() => clearInterval(watch));
  await look();
  if (looks < 2) throw new Error('That was over before its memory was looked at.');
  return { answer, megabytes: most - before };
}

/** Memory that a process really holds. */
async function residentMegabytes(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8');
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(status)?.[1];
  if (kilobytes === undefined) throw new Error(`Process ${String(pid)} tells nothing of its memory.`);
  return Number(kilobytes) / 1024;
}
