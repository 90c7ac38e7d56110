import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it, vi } from 'vitest';

const PARENT = `
  const { startAzurite } = await import(process.argv[1]);
  const storage = await startAzurite({ folder: process.argv[2], inMemory: true });
  console.log(storage.pid);
  process.kill(process.pid, 'SIGKILL');
`;

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    // ESRCH: there is no such process any more.
    return false;
  }
};

it('Azurite ends with its parent, even when the parent is killed without a chance to say so', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'leash-'));
  const module = new URL('../../../local/storage.ts', import.meta.url).href;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', PARENT, module, folder]);
  const [output] = await Promise.all([text(parent.stdout), once(parent, 'exit')]);
  const azurite = Number(output);
  expect(azurite).toBeGreaterThan(0);
  expect(parent.signalCode).toBe('SIGKILL');
  await vi.waitFor(() => expect(isAlive(azurite)).toBe(false), { timeout: 5_000 });
  await rm(folder, { recursive: true });
});
