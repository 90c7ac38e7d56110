/**
 * Every app setting the gateway reads, as people and `infra` need to know it.
 * `required` in Azure means: `infra` must set it. Of the host's own settings only the one that the gateway minds is listed.
 */
interface Setting {
  required: boolean;
  example: string;
  about: string;
}

const setting = (required: boolean, example: string, about: string): Setting => ({ required, example, about });

export const settings = {
  AZURE_OPENAI_ENDPOINT: setting(true, 'https://my-resource.openai.azure.com', 'address of the Azure OpenAI resource'),
  AZURE_OPENAI_SCOPE: setting(false, 'https://ai.azure.com/.default', 'token scope of Azure OpenAI'),
  AZURE_OPENAI_DEPLOYMENT: setting(true, 'gpt-4.1', 'text deployment that analyses dropped PDFs'),
  AZURE_OPENAI_IMAGE_DEPLOYMENT: setting(false, 'gpt-image-1', 'image deployment behind the image_generation tool'),
  AZURE_OPENAI_API_KEY: setting(false, '(a key)', 'only in Development: use a key instead of an Azure login'),
  ALLOWED_IMAGE_DEPLOYMENTS: setting(false, 'gpt-image-1,gpt-image-1-mini', 'image deployments a caller may choose'),
  ALLOWED_MODELS: setting(false, 'gpt-4.1,gpt-5-mini', 'deployments callers may use; empty = all'),
  ALLOWED_VECTOR_STORES: setting(false, 'vs_123,vs_456', 'vector stores callers may search; empty = none'),
  COSMOS_ENDPOINT: setting(true, 'https://my-account.documents.azure.com', 'address of the Cosmos DB account'),
  COSMOS_DATABASE: setting(false, 'gateway', 'database with the containers chains and directory'),
  DataStorage: setting(false, 'UseDevelopmentStorage=true', 'connection string of the data account, local only'),
  DataStorage__blobServiceUri: setting(
    true,
    'https://mydata.blob.core.windows.net',
    'blob address of the data account',
  ),
  DataStorage__queueServiceUri: setting(
    true,
    'https://mydata.queue.core.windows.net',
    'queue address of the data account',
  ),
  DataStorage__credential: setting(true, 'managedidentity', 'how the host reaches the data account'),
  DataStorage__clientId: setting(
    true,
    '00000000-0000-0000-0000-000000000000',
    'client id of the user-assigned identity',
  ),
  AZURE_CLIENT_ID: setting(true, '00000000-0000-0000-0000-000000000000', 'client id of the user-assigned identity'),
  AUTH_MODE: setting(true, 'entra', 'entra, keys or (only in Development) any-key'),
  AUTH_KEYS: setting(false, '{"billing":["<sha256 hex of the key>"]}', 'named keys for AUTH_MODE=keys'),
  AUTH_TENANT_ID: setting(false, '00000000-0000-0000-0000-000000000000', 'tenant whose tokens are let in'),
  AUTH_AUDIENCE: setting(
    false,
    'api://00000000-0000-0000-0000-000000000000',
    'audiences tokens may be for, comma separated',
  ),
  AUTH_APP_ROLE: setting(false, 'Responses.Use', 'app role a caller must hold'),
  AUTH_ALLOWED_CLIENT_IDS: setting(false, '00000000-0000-0000-0000-000000000000', 'client ids let in without the role'),
  AUTH_AUTHORITY: setting(false, 'http://127.0.0.1:40000', 'only in Development: another issuer than Microsoft Entra'),
  DOCUMENTS_OWNER: setting(false, '*', 'whose the dropped PDFs are; * = every caller may read them'),
  DOCUMENT_MAX_MEGABYTES: setting(false, '100', 'largest PDF that is analysed'),
  DOCUMENT_MAX_PAGES: setting(false, '1000', 'longest PDF that is analysed'),
  DOCUMENT_MAX_TOKENS: setting(false, '1000000', 'largest estimated input of one analysis'),
  RETENTION_DAYS: setting(false, '90', 'days a chain is kept after its last turn'),
  PUBLIC_BASE_URL: setting(
    false,
    'https://gateway.example.com',
    'address callers use, behind a proxy or API Management',
  ),
  WEBHOOK_URL: setting(false, 'https://example.com/hooks/responses', 'where ends of background responses are told'),
  WEBHOOK_SECRETS: setting(false, 'whsec_...', 'signing secrets, newest first'),
  OUTBOUND_ALLOW_PRIVATE: setting(
    false,
    'false',
    'let the gateway call private addresses (webhooks in the local world)',
  ),
  POLL_INTERVAL_SECONDS: setting(false, '2', 'first interval between two looks at a background run'),
  POLL_MAX_INTERVAL_SECONDS: setting(false, '30', 'longest interval between two looks'),
  MAX_QUEUED_MINUTES: setting(false, '120', 'a run that has not started by then fails'),
  MAX_RUNNING_MINUTES: setting(false, '240', 'a run that has not ended by then is cancelled and fails'),
  AzureFunctionsJobHost__functionTimeout: setting(
    false,
    '00:30:00',
    "the host's limit for one function, in place of host.json's; streams end by themselves two minutes earlier",
  ),
} satisfies Record<string, Setting>;

export type SettingName = keyof typeof settings;
