import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { replaceFile } from './replace-file.ts';
import { StartFailure } from './start-failure.ts';

/** Whoever listens in the local world, but for the host, whose port the person chooses. */
const PARTS = [
  'identity',
  'cosmos',
  'openai',
  'dataBlob',
  'dataQueue',
  'dataTable',
  'hostBlob',
  'hostQueue',
  'hostTable',
] as const;
export type Ports = Record<(typeof PARTS)[number], number>;

const stored = z.record(z.enum(PARTS), z.int().min(0).max(65_535));

/** A world that was killed gives up its port a moment later; a restart should not stumble over that. */
const GIVE_UP_MS = 1_500;
const RETRY_MS = 100;

const portsFile = (folder: string): string => join(folder, 'ports.json');

/**
 * The ports of the last run, where they are free, else 0. Records keep addresses (the service a response came from,
 * the issuer of a token), so a restart should come back under the same ones.
 */
export async function rememberedPorts(folder: string): Promise<Ports> {
  const last = await readPorts(folder);
  const checked = await Promise.all(
    PARTS.map(async (part) => {
      const port = last[part] ?? 0;
      return [part, port !== 0 && (await becomesFree(port)) ? port : 0] as const;
    }),
  );
  return stored.parse(Object.fromEntries(checked));
}

export const rememberPorts = (folder: string, ports: Ports): Promise<void> =>
  replaceFile(portsFile(folder), JSON.stringify(ports));

/** @throws StartFailure when somebody else has the port. */
export async function requireFreePort(port: number): Promise<void> {
  if (port === 0 || (await becomesFree(port))) return;
  throw new StartFailure(
    `Port ${port} is already in use: stop what listens there, or start with PORT=0 for a free one.`,
  );
}

async function readPorts(folder: string): Promise<Partial<Ports>> {
  try {
    return z.partialRecord(z.enum(PARTS), z.int()).parse(JSON.parse(await readFile(portsFile(folder), 'utf8')));
  } catch {
    // The first start, or a file from another version: free ports do.
    return {};
  }
}

async function becomesFree(port: number): Promise<boolean> {
  const limit = Date.now() + GIVE_UP_MS;
  while (!(await isFree(port))) {
    if (Date.now() > limit) return false;
    await pause(RETRY_MS);
  }
  return true;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
