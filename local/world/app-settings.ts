import { API_ROLE } from '../identity/callers.ts';
import { COSMOS_DATABASE } from './provision.ts';
import type { StandIns } from './stand-ins.ts';

type Settings = Record<string, string>;

/** Where the app finds the services: never the developer's own settings, which may point at Azure. */
function wiring(standIns: StandIns, trustFile: string): Settings {
  const { identity, dataStorage, hostStorage, cosmos, openai } = standIns;
  return {
    AzureWebJobsStorage: hostStorage.connectionString,
    DataStorage__blobServiceUri: dataStorage.blob,
    DataStorage__queueServiceUri: dataStorage.queue,
    DataStorage__credential: 'managedidentity',
    DataStorage__clientId: identity.clientId,
    COSMOS_ENDPOINT: cosmos.address,
    COSMOS_DATABASE,
    AZURE_OPENAI_ENDPOINT: openai,
    AZURE_CLIENT_ID: identity.clientId,
    IDENTITY_ENDPOINT: identity.endpoint,
    IDENTITY_HEADER: identity.header,
    NODE_EXTRA_CA_CERTS: trustFile,
    AZURE_FUNCTIONS_ENVIRONMENT: 'Development',
    FUNCTIONS_WORKER_RUNTIME: 'node',
  };
}

/** How the app behaves, unless the developer's environment says otherwise. */
function defaults({ identity }: StandIns): Settings {
  return {
    AUTH_MODE: 'any-key',
    // So that AUTH_MODE=entra alone is enough to try it with the local tenant.
    AUTH_TENANT_ID: identity.tenantId,
    AUTH_AUDIENCE: `${identity.apiClientId},api://${identity.apiClientId}`,
    AUTH_APP_ROLE: API_ROLE,
    AUTH_AUTHORITY: identity.address,
    DOCUMENTS_OWNER: 'local',
    AZURE_OPENAI_DEPLOYMENT: 'gpt-4.1',
    AZURE_OPENAI_IMAGE_DEPLOYMENT: 'gpt-image-1',
    OUTBOUND_ALLOW_PRIVATE: 'true',
    // The list of all functions, at every start, and what the Functions library says about its own work.
    'AzureFunctionsJobHost__logging__logLevel__Host.Startup': 'Warning',
    'AzureFunctionsJobHost__logging__logLevel__Host.Worker': 'Warning',
  };
}

/** Settings of the same things in other forms, which the host would find beside ours. */
const MISLEADING = /^(AzureWebJobsStorage|DataStorage)(__|$)|^WEBSITE_/i;

/** What the app is told here: the wiring, and of the defaults what the developer's environment has left or put there. */
export function appSettings(environment: NodeJS.ProcessEnv, standIns: StandIns, trustFile: string): Settings {
  const chosen = Object.entries(defaults(standIns)).map(([name, value]) => [name, environment[name] || value] as const);
  return { ...Object.fromEntries(chosen), ...wiring(standIns, trustFile) };
}

/** The whole environment of the host process: the developer's own, and in it the settings of the app. */
export function hostEnvironment(environment: NodeJS.ProcessEnv, settings: Settings): NodeJS.ProcessEnv {
  const own = Object.entries(environment).filter(([name]) => !MISLEADING.test(name));
  return { ...Object.fromEntries(own), ...settings };
}
