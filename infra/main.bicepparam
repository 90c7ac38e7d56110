using './main.bicep'

// Every parameter comes from the azd environment: `azd env set <NAME> <value>`, then `azd provision`.
// docs/deploy.md has the table. Lists are separated by commas.

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', 'dev')
param location = readEnvironmentVariable('AZURE_LOCATION', 'swedencentral')
param openAiLocation = readEnvironmentVariable('OPENAI_LOCATION', readEnvironmentVariable('AZURE_LOCATION', 'swedencentral'))

param existingOpenAiId = readEnvironmentVariable('EXISTING_OPENAI_ID', '')
param textModel = readEnvironmentVariable('TEXT_MODEL', 'gpt-5.4-mini')
param textModelVersion = readEnvironmentVariable('TEXT_MODEL_VERSION', '2026-03-17')
param textDeploymentSku = readEnvironmentVariable('TEXT_DEPLOYMENT_SKU', 'GlobalStandard')
param textCapacity = int(readEnvironmentVariable('TEXT_CAPACITY', '100'))
param textDeploymentName = readEnvironmentVariable('TEXT_DEPLOYMENT', readEnvironmentVariable('TEXT_MODEL', 'gpt-5.4-mini'))
param imageModel = readEnvironmentVariable('IMAGE_MODEL', 'gpt-image-1.5')
param imageCapacity = int(readEnvironmentVariable('IMAGE_CAPACITY', '2'))
param imageDeploymentName = readEnvironmentVariable('IMAGE_DEPLOYMENT', readEnvironmentVariable('IMAGE_MODEL', 'gpt-image-1.5'))
param openAiFilesRole = readEnvironmentVariable('OPENAI_FILES_ROLE', 'custom')
param openAiFilesRoleId = readEnvironmentVariable('OPENAI_FILES_ROLE_ID', '')

param existingCosmosId = readEnvironmentVariable('EXISTING_COSMOS_ID', '')
param privateNetwork = bool(readEnvironmentVariable('PRIVATE_NETWORK', 'false'))
param networkAddressPrefix = readEnvironmentVariable('NETWORK_ADDRESS_PREFIX', '10.42.0.0/16')
param softDeleteDays = int(readEnvironmentVariable('SOFT_DELETE_DAYS', '7'))

param authMode = readEnvironmentVariable('AUTH_MODE', 'entra')
param authTenantId = readEnvironmentVariable('AUTH_TENANT_ID', '')
param authAudience = readEnvironmentVariable('AUTH_AUDIENCE', '')
param authAppRole = readEnvironmentVariable('AUTH_APP_ROLE', 'Responses.Use')
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

// The compiler cannot see that the number is one of those allowed; the deployment checks it.
param instanceMemoryMB = any(int(readEnvironmentVariable('INSTANCE_MEMORY_MB', '2048')))
param maximumInstanceCount = int(readEnvironmentVariable('MAXIMUM_INSTANCE_COUNT', '100'))
param httpConcurrency = int(readEnvironmentVariable('HTTP_CONCURRENCY', '64'))
param alwaysReadyInstances = int(readEnvironmentVariable('ALWAYS_READY_INSTANCES', '0'))

param alertEmails = readEnvironmentVariable('ALERT_EMAILS', '')
param stuckAfterMinutes = int(readEnvironmentVariable('STUCK_AFTER_MINUTES', '390'))
param monthlyBudget = int(readEnvironmentVariable('MONTHLY_BUDGET', '0'))
param budgetStartDate = readEnvironmentVariable('BUDGET_START_DATE', '')
param deployerId = readEnvironmentVariable('AZURE_PRINCIPAL_ID', '')
