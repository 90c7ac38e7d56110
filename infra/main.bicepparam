using './main.bicep'
import { valueOr } from './environment.bicep'

// Every parameter comes from the azd environment: `azd env set <NAME> <value>`, then `azd provision`.
// docs/deploy.md has the table. Lists are separated by commas.
// `any`: the compiler cannot see that the value is one of those allowed; the deployment checks it.

param environmentName = valueOr(readEnvironmentVariable('AZURE_ENV_NAME', ''), 'dev')
param location = any(valueOr(readEnvironmentVariable('AZURE_LOCATION', ''), 'swedencentral'))
param openAiLocation = any(valueOr(readEnvironmentVariable('OPENAI_LOCATION', ''), valueOr(readEnvironmentVariable('AZURE_LOCATION', ''), 'swedencentral')))

param existingOpenAiId = readEnvironmentVariable('EXISTING_OPENAI_ID', '')
param textModel = valueOr(readEnvironmentVariable('TEXT_MODEL', ''), 'gpt-5.4-mini')
param textModelVersion = valueOr(readEnvironmentVariable('TEXT_MODEL_VERSION', ''), '2026-03-17')
param textDeploymentSku = valueOr(readEnvironmentVariable('TEXT_DEPLOYMENT_SKU', ''), 'GlobalStandard')
param textCapacity = int(valueOr(readEnvironmentVariable('TEXT_CAPACITY', ''), '100'))
param textDeploymentName = valueOr(readEnvironmentVariable('TEXT_DEPLOYMENT', ''), valueOr(readEnvironmentVariable('TEXT_MODEL', ''), 'gpt-5.4-mini'))
param imageModel = any(valueOr(readEnvironmentVariable('IMAGE_MODEL', ''), 'gpt-image-1.5'))
param imageCapacity = int(valueOr(readEnvironmentVariable('IMAGE_CAPACITY', ''), '2'))
param imageDeploymentName = valueOr(readEnvironmentVariable('IMAGE_DEPLOYMENT', ''), valueOr(readEnvironmentVariable('IMAGE_MODEL', ''), 'gpt-image-1.5'))
param openAiFilesRole = any(valueOr(readEnvironmentVariable('OPENAI_FILES_ROLE', ''), 'custom'))
param openAiFilesRoleId = readEnvironmentVariable('OPENAI_FILES_ROLE_ID', '')

param existingCosmosId = readEnvironmentVariable('EXISTING_COSMOS_ID', '')
param privateNetwork = bool(valueOr(readEnvironmentVariable('PRIVATE_NETWORK', ''), 'false'))
param networkAddressPrefix = valueOr(readEnvironmentVariable('NETWORK_ADDRESS_PREFIX', ''), '10.42.0.0/16')
param softDeleteDays = int(valueOr(readEnvironmentVariable('SOFT_DELETE_DAYS', ''), '7'))

param authMode = any(valueOr(readEnvironmentVariable('AUTH_MODE', ''), 'entra'))
param authTenantId = readEnvironmentVariable('AUTH_TENANT_ID', '')
param authAudience = readEnvironmentVariable('AUTH_AUDIENCE', '')
param authAppRole = valueOr(readEnvironmentVariable('AUTH_APP_ROLE', ''), 'Responses.Use')
param authAllowedClientIds = readEnvironmentVariable('AUTH_ALLOWED_CLIENT_IDS', '')
param authKeys = readEnvironmentVariable('AUTH_KEYS', '')
param webhookSecrets = readEnvironmentVariable('WEBHOOK_SECRETS', '')

// What the app does with each, and its default: src/platform/settings.ts. Empty = the default.
param gatewaySettings = {
  AZURE_OPENAI_SCOPE: readEnvironmentVariable('AZURE_OPENAI_SCOPE', '')
  ALLOWED_IMAGE_DEPLOYMENTS: readEnvironmentVariable('ALLOWED_IMAGE_DEPLOYMENTS', '')
  ALLOWED_MODELS: readEnvironmentVariable('ALLOWED_MODELS', '')
  ALLOWED_VECTOR_STORES: readEnvironmentVariable('ALLOWED_VECTOR_STORES', '')
  DOCUMENTS_OWNER: readEnvironmentVariable('DOCUMENTS_OWNER', '')
  DOCUMENT_MAX_MEGABYTES: readEnvironmentVariable('DOCUMENT_MAX_MEGABYTES', '')
  DOCUMENT_MAX_PAGES: readEnvironmentVariable('DOCUMENT_MAX_PAGES', '')
  DOCUMENT_MAX_TOKENS: readEnvironmentVariable('DOCUMENT_MAX_TOKENS', '')
  RETENTION_DAYS: readEnvironmentVariable('RETENTION_DAYS', '')
  PUBLIC_BASE_URL: readEnvironmentVariable('PUBLIC_BASE_URL', '')
  WEBHOOK_URL: readEnvironmentVariable('WEBHOOK_URL', '')
  OUTBOUND_ALLOW_PRIVATE: readEnvironmentVariable('OUTBOUND_ALLOW_PRIVATE', '')
  POLL_INTERVAL_SECONDS: readEnvironmentVariable('POLL_INTERVAL_SECONDS', '')
  POLL_MAX_INTERVAL_SECONDS: readEnvironmentVariable('POLL_MAX_INTERVAL_SECONDS', '')
  MAX_QUEUED_MINUTES: readEnvironmentVariable('MAX_QUEUED_MINUTES', '')
  MAX_RUNNING_MINUTES: readEnvironmentVariable('MAX_RUNNING_MINUTES', '')
  AzureFunctionsJobHost__functionTimeout: readEnvironmentVariable('AzureFunctionsJobHost__functionTimeout', '')
}

param instanceMemoryMB = any(int(valueOr(readEnvironmentVariable('INSTANCE_MEMORY_MB', ''), '2048')))
param maximumInstanceCount = int(valueOr(readEnvironmentVariable('MAXIMUM_INSTANCE_COUNT', ''), '100'))
param httpConcurrency = int(valueOr(readEnvironmentVariable('HTTP_CONCURRENCY', ''), '64'))
param alwaysReadyInstances = int(valueOr(readEnvironmentVariable('ALWAYS_READY_INSTANCES', ''), '0'))
param alwaysReadyDurable = int(valueOr(readEnvironmentVariable('ALWAYS_READY_DURABLE', ''), '0'))
param alwaysReadyBlob = int(valueOr(readEnvironmentVariable('ALWAYS_READY_BLOB', ''), '0'))

param alertEmails = readEnvironmentVariable('ALERT_EMAILS', '')
param stuckAfterMinutes = int(valueOr(readEnvironmentVariable('STUCK_AFTER_MINUTES', ''), '390'))
param monthlyBudget = int(valueOr(readEnvironmentVariable('MONTHLY_BUDGET', ''), '0'))
param budgetStartDate = readEnvironmentVariable('BUDGET_START_DATE', '')
param deployerId = readEnvironmentVariable('AZURE_PRINCIPAL_ID', '')
