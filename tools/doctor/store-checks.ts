import { Fault, Skipped, tokenFor, type Check } from './check.ts';
import type { Patient } from './patient.ts';

const STORAGE = 'https://storage.azure.com';
const STORAGE_API_VERSION = '2025-01-05';
const CONTAINERS = ['pdfs', 'analyses', 'images', 'files', 'payloads', 'events'];
const POISON_QUEUE = 'webjobs-blobtrigger-poison';

/** A token for each service that the app reaches with its identity. */
export const identity: Check = {
  name: 'identity',
  async run({ settings, token, deployment }) {
    const scope = (settings.AZURE_OPENAI_SCOPE ?? 'https://ai.azure.com/.default').replace(/\/\.default$/, '');
    for (const resource of [STORAGE, scope, 'https://cosmos.azure.com']) {
      try {
        await token(resource, settings);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        throw new Fault(
          `There is no token for ${resource}: ${why}`,
          deployment === undefined
            ? 'Restart npm start; AZURE_CLIENT_ID, IDENTITY_ENDPOINT and IDENTITY_HEADER are set by it.'
            : 'Sign in with az login, to the tenant of the deployment.',
        );
      }
    }
    if (deployment === undefined)
      return `tokens for Storage, Azure OpenAI and Cosmos DB as ${settings.AZURE_CLIENT_ID ?? ''}`;
    return assigned(settings.AZURE_CLIENT_ID ?? '', deployment);
  },
};

/** The identity that the settings name must be one of the app's. */
async function assigned(clientId: string, deployment: NonNullable<Patient['deployment']>): Promise<string> {
  const { resourceManager, subscriptionId, resourceGroup, appName } = deployment;
  const path = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.Web/sites/${appName}?api-version=2024-11-01`;
  const site = JSON.stringify(await resourceManager.send('GET', path));
  if (clientId !== '' && site.includes(clientId)) return `the app runs as ${clientId}`;
  throw new Fault(
    `AZURE_CLIENT_ID ${clientId} is no identity of ${appName}.`,
    'azd provision sets both; by hand: "Identity", "User assigned" of the function app in the portal.',
  );
}

/** The containers of the data account: there, and open to the identity. Nothing is written to `pdfs`: it is watched. */
export const blobs: Check = {
  name: 'role: blobs',
  async run(patient) {
    const base = (patient.settings.DataStorage__blobServiceUri ?? '').replace(/\/$/, '');
    if (base === '') throw new Skipped('the data account is given as a connection string');
    const headers = await storageHeaders(patient);
    for (const name of CONTAINERS) {
      const answer = await fetch(`${base}/${name}?restype=container&comp=list&maxresults=1`, { headers });
      if (!answer.ok) throw storageFault(`The container ${name}`, answer.status, 'Storage Blob Data Contributor');
    }
    const address = `${base}/payloads/${patient.mark}.txt`;
    const put = await fetch(address, {
      method: 'PUT',
      headers: { ...headers, 'x-ms-blob-type': 'BlockBlob' },
      body: 'x',
    });
    if (!put.ok) throw storageFault('Writing a blob', put.status, 'Storage Blob Data Contributor');
    await fetch(address, { method: 'DELETE', headers });
    return `${CONTAINERS.length} containers, written and removed`;
  },
};

/** Blobs that failed five times go to a queue of the data account, which the host makes when it needs it. */
export const queues: Check = {
  name: 'role: queues',
  async run(patient) {
    const base = (patient.settings.DataStorage__queueServiceUri ?? '').replace(/\/$/, '');
    if (base === '') throw new Skipped('the data account is given as a connection string');
    if (patient.deployment !== undefined) throw new Skipped("the app's alone; see the alert 'poison'");
    const headers = await storageHeaders(patient);
    const answer = await fetch(`${base}/${POISON_QUEUE}/messages?peekonly=true`, { headers });
    if (answer.ok || answer.status === 404) return answer.ok ? 'the poison queue can be read' : 'no poison queue yet';
    throw storageFault('The poison queue', answer.status, 'Storage Queue Data Contributor');
  },
};

const storageHeaders = async (patient: Patient): Promise<Record<string, string>> => ({
  authorization: `Bearer ${await tokenFor(patient, STORAGE)}`,
  'x-ms-version': STORAGE_API_VERSION,
  'x-ms-date': new Date().toUTCString(),
});

function storageFault(what: string, status: number, role: string): Fault {
  const reasons: Record<number, [string, string]> = {
    403: [
      'is refused',
      `Give the identity ${role} on the data account (docs/deploy.md, "Roles"); with a private network, run the doctor inside it.`,
    ],
    404: ['is not there', 'azd provision makes it; locally: npm run reset, then npm start.'],
  };
  const [problem, fix] = reasons[status] ?? [
    `answers ${status}`,
    'Check DataStorage__blobServiceUri and __queueServiceUri.',
  ];
  return new Fault(`${what} ${problem}.`, fix);
}
