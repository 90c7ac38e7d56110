import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { replaceFile } from './replace-file.ts';
import type { StandIns } from './stand-ins.ts';
import { StartFailure } from './start-failure.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const SAMPLE = join(PROJECT, 'local.settings.sample.json');
const SETTINGS = join(PROJECT, 'local.settings.json');

const schema = z.looseObject({ IsEncrypted: z.boolean().optional(), Values: z.record(z.string(), z.string()) });

/**
 * Points local.settings.json at the running services: begun from the sample, or from the developer's own file,
 * of which only the addresses are replaced.
 * @returns the file's name
 * @throws StartFailure when the developer's file is encrypted or no settings file.
 */
export async function writeLocalSettings(standIns: StandIns): Promise<string> {
  const { Values: values, ...rest } = (await readSettings(SETTINGS)) ?? (await readSettings(SAMPLE)) ?? { Values: {} };
  const { identity, certificate, cosmos, openai } = standIns;
  const settings = {
    ...rest,
    Values: {
      ...values,
      AzureWebJobsStorage: 'UseDevelopmentStorage=true',
      DataStorage: 'UseDevelopmentStorage=true',
      COSMOS_ENDPOINT: cosmos.address,
      AZURE_OPENAI_ENDPOINT: openai,
      AZURE_CLIENT_ID: identity.clientId,
      IDENTITY_ENDPOINT: identity.endpoint,
      IDENTITY_HEADER: identity.header,
      // The worker is started with these values, so that it trusts the certificate of the Cosmos DB stand-in.
      NODE_EXTRA_CA_CERTS: certificate.certFile,
    },
  };
  await replaceFile(SETTINGS, `${JSON.stringify(settings, null, 2)}\n`);
  return basename(SETTINGS);
}

async function readSettings(path: string): Promise<z.infer<typeof schema> | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    // Not there: the caller has another one to begin from.
    return undefined;
  }
  const parsed = schema.safeParse(parseJson(text));
  if (!parsed.success) throw new StartFailure(`${path} is no settings file: mend or remove it.`);
  if (parsed.data.IsEncrypted) throw new StartFailure(`${path} is encrypted: run "func settings decrypt" first.`);
  return parsed.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Says the caller, with the file's name.
    return undefined;
  }
}
