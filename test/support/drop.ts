import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

export interface DropRun {
  code: number | null;
  output: string;
  errors: string;
}

/** Runs `npm run drop` against the world of a data folder. */
export async function drop(
  dataFolder: string,
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<DropRun> {
  const child = spawn(process.execPath, ['local/drop/main.ts', ...args], {
    env: { ...process.env, LOCAL_DATA_DIR: dataFolder, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code: child.exitCode, output, errors };
}
