import { readFile } from 'node:fs/promises';
import { BlobServiceClient, RestError } from '@azure/storage-blob';
import { dataFolderPath } from '../world/data-folder.ts';
import { readEndpoints } from '../world/endpoints.ts';
import { StartFailure } from '../world/start-failure.ts';
import { trustCertificate } from '../world/trust.ts';

const HEALTH_LIMIT_MS = 3_000;

/**
 * Opens the data account: of the local world, or, with an account's name or blob address, of a deployed app
 * (with the Azure login of whoever runs this).
 * @throws StartFailure when there is no local world that answers.
 */
export async function openAccount(account: string | undefined): Promise<BlobServiceClient> {
  if (account === undefined) return openLocalAccount();
  const address = account.includes('://') ? account : `https://${account}.blob.core.windows.net`;
  if (!URL.canParse(address)) {
    throw new StartFailure(`--account ${account} is neither an account's name nor its address.`);
  }
  // Large, and of no use for the local world.
  const { DefaultAzureCredential } = await import('@azure/identity');
  return new BlobServiceClient(address, new DefaultAzureCredential());
}

async function openLocalAccount(): Promise<BlobServiceClient> {
  const folder = dataFolderPath();
  const endpoints = await readEndpoints(folder);
  if (!endpoints || !(await isUp(endpoints.gateway))) {
    throw new StartFailure(
      `No local world runs on ${folder}: start it with npm start in another terminal, with the same LOCAL_DATA_DIR if you set one.`,
    );
  }
  trustCertificate(await readFile(endpoints.caFile, 'utf8'));
  return BlobServiceClient.fromConnectionString(endpoints.dataStorage);
}

async function isUp(gateway: string): Promise<boolean> {
  try {
    return (await fetch(`${gateway}/health`, { signal: AbortSignal.timeout(HEALTH_LIMIT_MS) })).ok;
  } catch {
    // Refused or silent: the addresses are those of a world that has ended.
    return false;
  }
}

/** What the storage account's refusals mean for the person who drops a file. */
export function explain(error: unknown): string {
  if (error instanceof RestError) {
    if (error.statusCode === 403) {
      return 'The account refuses you: you need the role "Storage Blob Data Contributor" on it (or its firewall keeps you out).';
    }
    if (error.statusCode === 404) return 'The account has no container "pdfs": is it the data account of the gateway?';
    if (error.code === 'ENOTFOUND') return 'There is no such storage account.';
  }
  return error instanceof Error ? (error.message.split('\n')[0] ?? error.message) : String(error);
}
