import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { replaceFile } from './replace-file.ts';
import type { StandIns } from './stand-ins.ts';

const schema = z.object({
  /** Base address of the app: clients use `<gateway>/openai/v1`. */
  gateway: z.string(),
  openai: z.string(),
  /** Data account, with its name: `https://127.0.0.1:<port>/devstoreaccount1`. */
  blob: z.string(),
  queue: z.string(),
  table: z.string(),
  cosmos: z.string(),
  cosmosKey: z.string(),
  identity: z.string(),
  /** Connection strings. */
  dataStorage: z.string(),
  hostStorage: z.string(),
  /** The certificate to trust for the https addresses. */
  caFile: z.string(),
  /** Process id of the Functions host; renewed when it is started again. Absent where somebody else runs the host. */
  hostPid: z.int().optional(),
  /** What the host was started with, for whoever wants a second one on the same stores. */
  app: z.object({ folder: z.string(), settings: z.record(z.string(), z.string()) }).optional(),
});

/** Where a running world can be reached: `<data folder>/endpoints.json`. */
export type Endpoints = z.infer<typeof schema>;

/** Where the services of a world are, and what opens them; the rest depends on who runs the host. */
export function servicesOf(standIns: StandIns): Omit<Endpoints, 'gateway' | 'hostPid' | 'app'> {
  const { identity, cosmos, dataStorage, hostStorage, certificate, openai } = standIns;
  return {
    openai,
    blob: dataStorage.blob,
    queue: dataStorage.queue,
    table: dataStorage.table,
    cosmos: cosmos.address,
    cosmosKey: cosmos.key,
    identity: identity.address,
    dataStorage: dataStorage.connectionString,
    hostStorage: hostStorage.connectionString,
    caFile: certificate.certFile,
  };
}

const endpointsFile = (folder: string): string => join(folder, 'endpoints.json');

/** Readable by its owner only: it holds keys. */
export const writeEndpoints = (folder: string, endpoints: Endpoints): Promise<void> =>
  replaceFile(endpointsFile(folder), `${JSON.stringify(endpoints, null, 2)}\n`, { mode: 0o600 });

/** So that nobody reads the addresses of the last run while this one comes up. */
export const forgetEndpoints = (folder: string): Promise<void> => rm(endpointsFile(folder), { force: true });

/** The addresses of the last start, or undefined when there has been none; it may have ended since. */
export async function readEndpoints(folder: string): Promise<Endpoints | undefined> {
  let text: string;
  try {
    text = await readFile(endpointsFile(folder), 'utf8');
  } catch {
    // No start in this folder yet.
    return undefined;
  }
  return schema.parse(JSON.parse(text));
}
