import { readFile } from 'node:fs/promises';
import type { Endpoints } from '../../local/world/endpoints.ts';

/** What Linux says of the host process. */

/** `sysconf(_SC_CLK_TCK)` of every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** Resident memory in MiB. */
export async function memoryOf({ hostPid }: Endpoints): Promise<number> {
  const status = await readFile(`/proc/${hostPid ?? 0}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
}

/** CPU time so far in milliseconds, of all threads. */
export async function cpuOf({ hostPid }: Endpoints): Promise<number> {
  const stat = await readFile(`/proc/${hostPid ?? 0}/stat`, 'utf8');
  // The name of the process may hold blanks; behind it come numbers only (man proc_pid_stat: 14 and 15).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND) * 1000;
}
