import { FUNCTION_TIMEOUT_MS, LONGEST_STREAM_MS, STREAM_RESERVE_MS } from './limits.ts';
import type { SettingName } from './settings.ts';
import { SettingsReader, type Environment } from './settings-reader.ts';

export type AuthConfig =
  | { mode: 'any-key' }
  | { mode: 'keys'; keys: ReadonlyMap<string, readonly string[]> }
  | {
      mode: 'entra';
      tenantId: string;
      audiences: readonly string[];
      appRole?: string;
      allowedClientIds: readonly string[];
      /** Another issuer than Microsoft Entra: the local tenant. */
      authority?: string;
    };

export interface Config {
  development: boolean;
  openai: {
    endpoint: string;
    scope: string;
    deployment: string;
    imageDeployment?: string;
    allowedImageDeployments: readonly string[];
    apiKey?: string;
  };
  allowedModels: readonly string[];
  allowedVectorStores: readonly string[];
  cosmos: { endpoint: string; database: string };
  dataStorage: { connectionString: string } | { blobServiceUri: string };
  clientId?: string;
  auth: AuthConfig;
  documents: { owner: string; maxBytes: number; maxPages: number; maxTokens: number };
  retentionDays: number;
  publicBaseUrl?: string;
  webhooks: { url?: string; secrets: readonly string[]; allowPrivateAddresses: boolean };
  /** A stream ends by itself after this long: before the host would cut it without a word. */
  streamLimitMs: number;
  polling: { firstMs: number; maxMs: number; queuedLimitMs: number; runningLimitMs: number };
}

/** What is wrong with the app settings: all of it, so that one look mends it. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`The app settings are not usable:\n${faults.map((fault) => `- ${fault}`).join('\n')}`);
    this.faults = faults;
  }
}

/**
 * What only Azure sets (Functions host, EnvironmentSettingNames.cs): the dedicated plans the first two, Flex Consumption, which
 * has no instance id, the others. Core Tools set none of them.
 */
const AZURE_INSTANCE = [
  'WEBSITE_INSTANCE_ID',
  'WEBSITE_OWNER_NAME',
  'WEBSITE_SKU',
  'WEBSITE_POD_NAME',
  'LEGION_SERVICE_HOST',
];

/** Names of keys are owners: they stand in documents and in these settings, and one name means everybody. */
const KEY_NAME = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/;
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const MINUTE_MS = 60_000;
const MEGABYTE = 1024 * 1024;

/**
 * Reads and checks the whole environment once.
 * @throws {ConfigurationError} naming every missing or wrong setting, with an example for each.
 */
export function readConfig(environment: Environment = process.env): Config {
  const read = new SettingsReader(environment);
  // On an instance in Azure, Development conveniences are out of reach, whatever else is set.
  const development =
    environment.AZURE_FUNCTIONS_ENVIRONMENT === 'Development' &&
    AZURE_INSTANCE.every((name) => environment[name] === undefined);
  const config: Config = {
    development,
    openai: readOpenAI(read, development),
    allowedModels: read.list('ALLOWED_MODELS'),
    allowedVectorStores: read.list('ALLOWED_VECTOR_STORES'),
    cosmos: {
      endpoint: requiredAddress(read, 'COSMOS_ENDPOINT'),
      database: read.text('COSMOS_DATABASE') ?? 'gateway',
    },
    dataStorage: readDataStorage(read),
    clientId: read.text('AZURE_CLIENT_ID'),
    auth: readAuth(read, development),
    documents: {
      owner: read.text('DOCUMENTS_OWNER') ?? '*',
      maxBytes: read.number('DOCUMENT_MAX_MEGABYTES', 100, 0.001) * MEGABYTE,
      maxPages: read.number('DOCUMENT_MAX_PAGES', 1_000, 1),
      maxTokens: read.number('DOCUMENT_MAX_TOKENS', 1_000_000, 1),
    },
    retentionDays: read.number('RETENTION_DAYS', 90, 0),
    publicBaseUrl: read.address('PUBLIC_BASE_URL'),
    webhooks: readWebhooks(read),
    streamLimitMs: readStreamLimit(read),
    polling: {
      firstMs: read.number('POLL_INTERVAL_SECONDS', 2, 0.05) * 1000,
      maxMs: read.number('POLL_MAX_INTERVAL_SECONDS', 30, 0.05) * 1000,
      queuedLimitMs: read.number('MAX_QUEUED_MINUTES', 120, 0.01) * MINUTE_MS,
      runningLimitMs: read.number('MAX_RUNNING_MINUTES', 240, 0.01) * MINUTE_MS,
    },
  };
  if (read.faults.length > 0) throw new ConfigurationError(read.faults);
  return config;
}

function requiredAddress(read: SettingsReader, name: SettingName): string {
  return read.address(name) ?? read.required(name);
}

/** The form in which the host takes it: a TimeSpan, or -1 for no limit. */
const TIME_SPAN = /^(?:(\d+)\.)?(\d{1,2}):(\d{1,2}):(\d{1,2})$/;

function readStreamLimit(read: SettingsReader): number {
  const text = read.text('AzureFunctionsJobHost__functionTimeout');
  if (text === '-1') return LONGEST_STREAM_MS;
  const [, days = '0', hours, minutes, seconds] = TIME_SPAN.exec(text ?? '') ?? [];
  const givenMs = (((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
  if (text !== undefined && !(givenMs > 0)) {
    read.fault('AzureFunctionsJobHost__functionTimeout', 'is neither hh:mm:ss nor -1');
  }
  const timeoutMs = givenMs || FUNCTION_TIMEOUT_MS;
  const limitMs = Math.max(timeoutMs - STREAM_RESERVE_MS, (timeoutMs * 2) / 3);
  return Math.min(Math.floor(limitMs), LONGEST_STREAM_MS);
}

function readOpenAI(read: SettingsReader, development: boolean): Config['openai'] {
  const apiKey = read.text('AZURE_OPENAI_API_KEY');
  if (apiKey !== undefined && !development) {
    read.fault('AZURE_OPENAI_API_KEY', 'is only for Development: in Azure the managed identity is used, remove it');
  }
  const imageDeployment = read.text('AZURE_OPENAI_IMAGE_DEPLOYMENT');
  const allowed = read.list('ALLOWED_IMAGE_DEPLOYMENTS');
  return {
    // People paste the address with the API path; both forms mean the same resource.
    endpoint: requiredAddress(read, 'AZURE_OPENAI_ENDPOINT').replace(/\/openai(\/v1)?$/, ''),
    scope: read.text('AZURE_OPENAI_SCOPE') ?? 'https://ai.azure.com/.default',
    deployment: read.required('AZURE_OPENAI_DEPLOYMENT'),
    imageDeployment,
    allowedImageDeployments: imageDeployment === undefined ? allowed : [imageDeployment, ...allowed],
    apiKey,
  };
}

function readDataStorage(read: SettingsReader): Config['dataStorage'] {
  const connectionString = read.text('DataStorage');
  if (connectionString !== undefined) return { connectionString };
  return { blobServiceUri: requiredAddress(read, 'DataStorage__blobServiceUri') };
}

function readWebhooks(read: SettingsReader): Config['webhooks'] {
  const url = read.address('WEBHOOK_URL');
  const allowPrivateAddresses = read.flag('OUTBOUND_ALLOW_PRIVATE');
  // It would never be called.
  if (url?.startsWith('http:') && !allowPrivateAddresses) read.fault('WEBHOOK_URL', 'is no https address');
  return { url, secrets: readWebhookSecrets(read), allowPrivateAddresses };
}

function readWebhookSecrets(read: SettingsReader): readonly string[] {
  const secrets = read.list('WEBHOOK_SECRETS');
  if (secrets.some((secret) => !/^whsec_[A-Za-z0-9+/=]+$/.test(secret))) {
    read.fault('WEBHOOK_SECRETS', 'holds an entry that is not whsec_ and base64');
  }
  if (read.text('WEBHOOK_URL') !== undefined && secrets.length === 0) {
    read.fault('WEBHOOK_SECRETS', 'is missing: a webhook without a signature could be forged by anybody');
  }
  return secrets;
}

function readAuth(read: SettingsReader, development: boolean): AuthConfig {
  const mode = read.text('AUTH_MODE') ?? 'entra';
  switch (mode) {
    case 'any-key':
      if (!development) read.fault('AUTH_MODE', 'any-key lets everybody in and is refused outside Development');
      return { mode };
    case 'keys':
      return { mode, keys: readKeys(read) };
    case 'entra':
      return readEntra(read, development);
    default:
      read.fault('AUTH_MODE', `is '${mode}', which is none of entra, keys, any-key`);
      return { mode: 'any-key' };
  }
}

function readKeys(read: SettingsReader): ReadonlyMap<string, readonly string[]> {
  const keys = new Map<string, readonly string[]>();
  const text = read.required('AUTH_KEYS');
  if (text === '') return keys;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // The fault below names the setting; the parser's message would quote the hashes.
    parsed = undefined;
  }
  const entries = parsed !== null && typeof parsed === 'object' && !Array.isArray(parsed) ? Object.entries(parsed) : [];
  for (const [name, hashes] of entries) {
    const list: unknown[] = Array.isArray(hashes) ? hashes : [hashes];
    if (!KEY_NAME.test(name)) {
      read.fault('AUTH_KEYS', 'has a name that is not 1 to 64 letters, digits, dots, dashes, underscores or @');
    }
    const good = list.filter((hash): hash is string => typeof hash === 'string' && /^[0-9a-f]{64}$/i.test(hash));
    if (good.length !== list.length) read.fault('AUTH_KEYS', 'has an entry that is no name with SHA-256 hashes in hex');
    keys.set(
      name,
      good.map((hash) => hash.toLowerCase()),
    );
  }
  if (keys.size === 0) read.fault('AUTH_KEYS', 'is no JSON object of names and key hashes');
  return keys;
}

function readEntra(read: SettingsReader, development: boolean): AuthConfig {
  const authority = read.address('AUTH_AUTHORITY');
  if (authority !== undefined && !development) {
    read.fault('AUTH_AUTHORITY', 'is only for Development: tokens of another issuer would be let in, remove it');
  }
  const appRole = read.text('AUTH_APP_ROLE');
  const allowedClientIds = read.list('AUTH_ALLOWED_CLIENT_IDS');
  if (appRole === undefined && allowedClientIds.length === 0) {
    read.fault(
      'AUTH_APP_ROLE',
      'or AUTH_ALLOWED_CLIENT_IDS must say who may call: without either, every token of the tenant would do',
    );
  }
  read.required('AUTH_AUDIENCE');
  const tenantId = read.required('AUTH_TENANT_ID').toLowerCase();
  if (tenantId !== '' && !GUID.test(tenantId)) {
    read.fault('AUTH_TENANT_ID', 'is no tenant id: tokens name the tenant by its GUID, not by a domain');
  }
  return {
    mode: 'entra',
    tenantId,
    audiences: read.list('AUTH_AUDIENCE'),
    appRole,
    allowedClientIds,
    authority,
  };
}
