// Everything the gateway needs in Azure, in one resource group. `azd up` deploys it; docs/deploy.md explains it.
targetScope = 'subscription'

// ---- where -------------------------------------------------------------------------------------------------------

@description('Name of the environment: part of the name of the resource group and of the hash in every other name.')
@minLength(1)
@maxLength(64)
param environmentName string

@description('Region of the app and its stores: one that offers Flex Consumption.')
@allowed([
  'australiaeast'
  'australiasoutheast'
  'brazilsouth'
  'canadacentral'
  'centralindia'
  'centralus'
  'eastasia'
  'eastus'
  'eastus2'
  'francecentral'
  'germanywestcentral'
  'italynorth'
  'japaneast'
  'koreacentral'
  'northcentralus'
  'northeurope'
  'norwayeast'
  'southafricanorth'
  'southcentralus'
  'southeastasia'
  'southindia'
  'spaincentral'
  'swedencentral'
  'uaenorth'
  'uksouth'
  'ukwest'
  'westcentralus'
  'westeurope'
  'westus'
  'westus2'
  'westus3'
])
param location string

@description('Region of Azure OpenAI: one that offers the Responses API. It may differ from the region of the app.')
@allowed([
  'australiaeast'
  'brazilsouth'
  'canadacentral'
  'canadaeast'
  'eastus'
  'eastus2'
  'francecentral'
  'germanywestcentral'
  'italynorth'
  'japaneast'
  'koreacentral'
  'northcentralus'
  'norwayeast'
  'polandcentral'
  'southafricanorth'
  'southcentralus'
  'southeastasia'
  'southindia'
  'spaincentral'
  'swedencentral'
  'switzerlandnorth'
  'uaenorth'
  'uksouth'
  'westus'
  'westus3'
])
param openAiLocation string

// ---- models ------------------------------------------------------------------------------------------------------

@description('Resource id of an Azure OpenAI account to use instead of a new one. Its deployments must be there already.')
param existingOpenAiId string = ''

@description('Text model; it must be able to see, because the pages of a PDF are pictures to it.')
param textModel string = 'gpt-5.4-mini'

@description('Version of the text model.')
param textModelVersion string = '2026-03-17'

@description('Kind of the text deployment, for example GlobalStandard, DataZoneStandard or Standard.')
param textDeploymentSku string = 'GlobalStandard'

@description('Quota of the text deployment, in thousands of tokens a minute.')
@minValue(1)
param textCapacity int = 100

@description('Name of the text deployment, which is what callers give as model.')
param textDeploymentName string = textModel

@description('Image model behind the tool image_generation; none leaves it out.')
@allowed(['none', 'gpt-image-1', 'gpt-image-1-mini', 'gpt-image-1.5', 'gpt-image-2'])
param imageModel string = 'gpt-image-1.5'

@description('Quota of the image deployment, in images a minute.')
@minValue(1)
param imageCapacity int = 2

@description('Name of the image deployment.')
param imageDeploymentName string = imageModel

@description('How the app gets its rights to files: a custom role made here, the built-in OpenAI Contributor (more than is needed, for people who may not define roles), or a role that exists already.')
@allowed(['custom', 'contributor', 'existing'])
param openAiFilesRole string = 'custom'

@description('Id of the existing role definition, with openAiFilesRole = existing.')
param openAiFilesRoleId string = ''

// ---- stores and network ------------------------------------------------------------------------------------------

@description('Resource id of a Cosmos DB account to use instead of a new one. It must be of one region, with Strong consistency.')
param existingCosmosId string = ''

@description('Closes storage, Cosmos DB and Azure OpenAI to the internet and reaches them through a network of their own.')
param privateNetwork bool = false

@description('Address range of that network, at least a /23.')
param networkAddressPrefix string = '10.42.0.0/16'

@description('Days for which a deleted blob can be brought back. 0 = what is deleted is gone.')
@minValue(0)
@maxValue(365)
param softDeleteDays int = 7

// ---- who may call ------------------------------------------------------------------------------------------------

@description('How callers prove who they are: with tokens of Microsoft Entra or with named keys.')
@allowed(['entra', 'keys'])
param authMode string = 'entra'

@description('Tenant whose tokens are let in. Empty = the tenant of the subscription.')
param authTenantId string = ''

@description('Audiences a token may be for, with authMode = entra, separated by commas.')
param authAudience string = ''

@description('App role a caller must hold; none = no role is asked for, and only the client ids below are let in.')
param authAppRole string = 'Responses.Use'

@description('Client ids that are let in without the app role, for example of the managed identity of a Logic App, separated by commas.')
param authAllowedClientIds string = ''

@description('Named keys as their hashes, with authMode = keys: JSON such as {"billing":["<sha256 hex>"]}.')
@secure()
param authKeys string = ''

@description('Secrets that sign webhooks, newest first, separated by commas.')
@secure()
param webhookSecrets string = ''

// ---- the app -----------------------------------------------------------------------------------------------------

@description('Further settings of the gateway, by name. An empty value leaves the default of the app in force.')
param gatewaySettings object = {}

@description('Memory of one instance in megabytes.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int = 2048

@description('Most instances at a time.')
@minValue(1)
@maxValue(1000)
param maximumInstanceCount int = 100

@description('HTTP requests one instance serves at a time. A stream waits far more than it works.')
@minValue(1)
@maxValue(1000)
param httpConcurrency int = 64

@description('Instances that are always warm for HTTP. 0 = nothing to pay at rest, and a cold start.')
@minValue(0)
@maxValue(1000)
param alwaysReadyInstances int = 0

@description('Instances that are always warm for background responses and the analysis of PDFs. 0 = their loops start cold after a pause.')
@minValue(0)
@maxValue(1000)
param alwaysReadyDurable int = 0

@description('Instances that are always warm for events of dropped PDFs. 0 = a cold app may refuse the first; the timer finds the PDF minutes later.')
@minValue(0)
@maxValue(1000)
param alwaysReadyBlob int = 0

// ---- who is told -------------------------------------------------------------------------------------------------

@description('Addresses that get alerts, separated by commas.')
param alertEmails string = ''

@description('Minutes after which a response that has not ended counts as stuck: both ceilings of the app and a margin.')
@minValue(1)
@maxValue(1400)
param stuckAfterMinutes int = 390

@description('Monthly budget in the currency of the subscription. 0 = none.')
@minValue(0)
param monthlyBudget int = 0

@description('First day the budget counts, the first of a month as yyyy-MM-01. Empty = this month.')
param budgetStartDate string = ''

@description('Not to be set: the month of the deployment.')
param thisMonth string = utcNow('yyyy-MM-01')

@description('Object id of whoever deploys, a person or the service principal of a pipeline: may drop PDFs and read analyses. Empty = nobody.')
param deployerId string = ''

// ---- combinations that cannot work, each with what to do ---------------------------------------------------------

// All image models are offered in the same regions, and the image deployment sits beside the text deployment.
var imageRegions = ['eastus2', 'polandcentral', 'swedencentral', 'uaenorth', 'westus3']

var withImages = imageModel != 'none'
var ownOpenAi = empty(existingOpenAiId)
var ownCosmos = empty(existingCosmosId)

var checkedOpenAiLocation = !ownOpenAi || !withImages || contains(imageRegions, openAiLocation)
  ? openAiLocation
  : fail('No image model is offered in ${openAiLocation}. Choose one of ${join(imageRegions, ', ')} (azd env set OPENAI_LOCATION eastus2) or do without images (azd env set IMAGE_MODEL none).')

var checkedOpenAiId = ownOpenAi || contains(toLower(existingOpenAiId), '/providers/microsoft.cognitiveservices/accounts/')
  ? existingOpenAiId
  : fail('EXISTING_OPENAI_ID is no resource id of an Azure OpenAI account: it looks like /subscriptions/.../resourceGroups/.../providers/Microsoft.CognitiveServices/accounts/NAME.')

var checkedCosmosId = ownCosmos || contains(toLower(existingCosmosId), '/providers/microsoft.documentdb/databaseaccounts/')
  ? existingCosmosId
  : fail('EXISTING_COSMOS_ID is no resource id of a Cosmos DB account: it looks like /subscriptions/.../resourceGroups/.../providers/Microsoft.DocumentDB/databaseAccounts/NAME.')

var checkedFilesRoleId = openAiFilesRole != 'existing'
  ? ''
  : empty(openAiFilesRoleId)
      ? fail('OPENAI_FILES_ROLE is existing, but OPENAI_FILES_ROLE_ID does not say which role. Set it to the id of a role with the data actions OpenAI/files/read, write and delete.')
      : openAiFilesRoleId

var checkedAudience = authMode == 'entra' && empty(authAudience)
  ? fail('AUTH_MODE is entra, but AUTH_AUDIENCE is empty. Let the preprovision hook make an application registration, name an existing one (azd env set AUTH_AUDIENCE api://...), or use keys (azd env set AUTH_MODE keys).')
  : authAudience

var appRole = authAppRole == 'none' ? '' : authAppRole
var checkedAppRole = authMode == 'entra' && empty(appRole) && empty(authAllowedClientIds)
  ? fail('AUTH_MODE is entra, but neither AUTH_APP_ROLE nor AUTH_ALLOWED_CLIENT_IDS says who may call: every token of the tenant would do. Set one of them.')
  : appRole

var checkedAuthKeys = authMode == 'keys' && empty(authKeys)
  ? fail('AUTH_MODE is keys, but AUTH_KEYS is empty. Make a key with npm run keys and set AUTH_KEYS to what it prints.')
  : authKeys

// ---- names -------------------------------------------------------------------------------------------------------

var roles = loadJsonContent('roles.json')
var token = toLower(uniqueString(subscription().id, environmentName, location))
var tags = {
  'azd-env-name': environmentName
}
var serviceName = 'gateway'
var resourceGroupName = 'rg-${environmentName}'
var databaseName = 'gateway'
var pdfContainer = 'pdfs'
var dataContainers = [pdfContainer, 'analyses', 'images', 'files', 'payloads', 'events']
var packageContainer = 'app-package'
var deadLetterContainer = 'dead-letters'

var openAiSubscriptionId = ownOpenAi ? subscription().subscriptionId : split(checkedOpenAiId, '/')[2]
var openAiResourceGroup = ownOpenAi ? resourceGroupName : split(checkedOpenAiId, '/')[4]

var cosmosSubscriptionId = ownCosmos ? subscription().subscriptionId : split(checkedCosmosId, '/')[2]
var cosmosResourceGroup = ownCosmos ? resourceGroupName : split(checkedCosmosId, '/')[4]

var emails = filter(split(alertEmails, ','), email => !empty(email))

var imageModelVersions = {
  none: ''
  'gpt-image-1': '2025-04-15'
  'gpt-image-1-mini': '2025-10-06'
  'gpt-image-1.5': '2025-12-16'
  'gpt-image-2': '2026-04-21'
}

var textDeployment = {
  name: textDeploymentName
  model: textModel
  version: textModelVersion
  sku: textDeploymentSku
  capacity: textCapacity
}

var deployments = withImages
  ? [
      textDeployment
      {
        name: imageDeploymentName
        model: imageModel
        version: imageModelVersions[imageModel]
        sku: 'GlobalStandard'
        capacity: imageCapacity
      }
    ]
  : [textDeployment]

// ---- resources ---------------------------------------------------------------------------------------------------

resource group 'Microsoft.Resources/resourceGroups@2024-11-01' = {
  name: resourceGroupName
  location: location
  tags: tags
}

module identity 'modules/identity.bicep' = {
  name: 'identity'
  scope: group
  params: {
    name: 'id-${token}'
    location: location
    tags: tags
  }
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  scope: group
  params: {
    workspaceName: 'log-${token}'
    insightsName: 'appi-${token}'
    location: location
    tags: tags
  }
}

module hostStorage 'modules/storage-account.bicep' = {
  name: 'host-storage'
  scope: group
  params: {
    name: 'sthost${token}'
    location: location
    tags: tags
    containers: [packageContainer, deadLetterContainer]
    // Durable Functions and the blob trigger make their own.
    queues: []
    publicAccess: !privateNetwork
    // The host writes and deletes all the time; nothing of it is worth bringing back.
    softDeleteDays: 0
  }
}

module dataStorage 'modules/storage-account.bicep' = {
  name: 'data-storage'
  scope: group
  params: {
    name: 'stdata${token}'
    location: location
    tags: tags
    containers: dataContainers
    // The host makes it with the first message, and until then logs a warning every ten seconds that it is not there.
    queues: ['webjobs-blobtrigger-poison']
    publicAccess: !privateNetwork
    softDeleteDays: softDeleteDays
  }
}

module cosmosAccount 'modules/cosmos-account.bicep' = if (ownCosmos) {
  name: 'cosmos-account'
  scope: group
  params: {
    name: 'cosmos-${token}'
    location: location
    tags: tags
    publicAccess: !privateNetwork
  }
}

var cosmosId = ownCosmos ? cosmosAccount!.outputs.id : checkedCosmosId

module cosmosDatabase 'modules/cosmos-database.bicep' = {
  name: 'cosmos-database-${token}'
  scope: resourceGroup(cosmosSubscriptionId, cosmosResourceGroup)
  params: {
    accountName: last(split(cosmosId, '/'))
    databaseName: databaseName
    principalId: identity.outputs.principalId
    roles: roles.app.cosmos
  }
}

module openAiAccount 'modules/openai-account.bicep' = if (ownOpenAi) {
  name: 'openai-account'
  scope: group
  params: {
    name: 'oai-${token}'
    location: checkedOpenAiLocation
    tags: tags
    publicAccess: !privateNetwork
    deployments: deployments
  }
}

var openAiId = ownOpenAi ? openAiAccount!.outputs.id : checkedOpenAiId

module openAiAccess 'modules/openai-access.bicep' = {
  name: 'openai-access-${token}'
  scope: resourceGroup(openAiSubscriptionId, openAiResourceGroup)
  params: {
    accountName: last(split(openAiId, '/'))
    principalId: identity.outputs.principalId
    roles: openAiFilesRole == 'contributor' ? roles.app.openAiContributor : roles.app.openAi
    filesRole: openAiFilesRole == 'custom' ? roles.openAiFiles : null
    existingFilesRoleId: checkedFilesRoleId
  }
}

module eventGrid 'modules/event-grid.bicep' = {
  name: 'event-grid'
  scope: group
  params: {
    name: 'evgt-${token}'
    location: location
    tags: tags
    dataAccountName: dataStorage.outputs.name
    hostAccountName: hostStorage.outputs.name
    deadLetterContainer: deadLetterContainer
    roles: roles.eventGrid.deadLetters
  }
}

module access 'modules/roles.bicep' = {
  name: 'roles'
  scope: group
  params: {
    appRoles: roles.app
    deployerRoles: roles.deployer.dataStorage
    principalId: identity.outputs.principalId
    deployerId: deployerId
    hostAccountName: hostStorage.outputs.name
    dataAccountName: dataStorage.outputs.name
    pdfContainer: pdfContainer
    insightsName: monitoring.outputs.insightsName
  }
}

module network 'modules/network.bicep' = if (privateNetwork) {
  name: 'network'
  scope: group
  params: {
    name: 'vnet-${token}'
    location: location
    tags: tags
    addressPrefix: networkAddressPrefix
  }
}

module privateEndpoints 'modules/private-endpoints.bicep' = if (privateNetwork) {
  name: 'private-endpoints'
  scope: group
  params: {
    location: location
    tags: tags
    suffix: token
    networkId: network!.outputs.id
    subnetId: network!.outputs.endpointSubnetId
    hostAccountId: hostStorage.outputs.id
    dataAccountId: dataStorage.outputs.id
    cosmosId: cosmosId
    openAiId: openAiId
  }
}

module app 'modules/function-app.bicep' = {
  name: 'function-app'
  scope: group
  params: {
    name: 'func-${token}'
    planName: 'plan-${token}'
    location: location
    tags: tags
    serviceName: serviceName
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    hostAccountName: hostStorage.outputs.name
    hostBlobEndpoint: hostStorage.outputs.blobEndpoint
    hostQueueEndpoint: hostStorage.outputs.queueEndpoint
    hostTableEndpoint: hostStorage.outputs.tableEndpoint
    packageContainer: packageContainer
    insightsConnectionString: monitoring.outputs.connectionString
    subnetId: privateNetwork ? network!.outputs.appSubnetId : ''
    settings: union(gatewaySettings, {
      AZURE_OPENAI_ENDPOINT: openAiAccess.outputs.endpoint
      AZURE_OPENAI_DEPLOYMENT: textDeploymentName
      AZURE_OPENAI_IMAGE_DEPLOYMENT: withImages ? imageDeploymentName : ''
      COSMOS_ENDPOINT: cosmosDatabase.outputs.endpoint
      COSMOS_DATABASE: databaseName
      DataStorage__blobServiceUri: dataStorage.outputs.blobEndpoint
      DataStorage__queueServiceUri: dataStorage.outputs.queueEndpoint
      DataStorage__credential: 'managedidentity'
      DataStorage__clientId: identity.outputs.clientId
      AZURE_CLIENT_ID: identity.outputs.clientId
      AUTH_MODE: authMode
      AUTH_TENANT_ID: empty(authTenantId) ? tenant().tenantId : authTenantId
      AUTH_AUDIENCE: checkedAudience
      AUTH_APP_ROLE: checkedAppRole
      AUTH_ALLOWED_CLIENT_IDS: authAllowedClientIds
    })
    secretSettings: {
      AUTH_KEYS: checkedAuthKeys
      WEBHOOK_SECRETS: webhookSecrets
    }
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
    httpConcurrency: httpConcurrency
    alwaysReady: [
      { name: 'http', instanceCount: alwaysReadyInstances }
      { name: 'durable', instanceCount: alwaysReadyDurable }
      { name: 'blob', instanceCount: alwaysReadyBlob }
    ]
  }
  // The app starts with its rights and its roads in place, or its first minutes are errors.
  dependsOn: [access, privateEndpoints]
}

module alerts 'modules/alerts.bicep' = {
  name: 'alerts'
  scope: group
  params: {
    suffix: token
    location: location
    tags: tags
    emails: emails
    appId: app.outputs.id
    workspaceId: monitoring.outputs.workspaceId
    topicId: eventGrid.outputs.id
    cosmosId: cosmosId
    openAiId: openAiId
    stuckAfterMinutes: stuckAfterMinutes
  }
}

module budget 'modules/budget.bicep' = if (monthlyBudget > 0) {
  name: 'budget'
  scope: group
  params: {
    name: 'budget-${token}'
    monthlyAmount: monthlyBudget
    startDate: empty(budgetStartDate) ? thisMonth : budgetStartDate
    emails: emails
  }
}

// ---- what the hooks and people need afterwards -------------------------------------------------------------------

@description('Resource group of everything that was made.')
output AZURE_RESOURCE_GROUP string = group.name

@description('Name of the function app.')
output GATEWAY_APP_NAME string = app.outputs.name

@description('Address of the gateway, without a path.')
output GATEWAY_ADDRESS string = app.outputs.address

@description('Base address for clients of the Responses API.')
output GATEWAY_BASE_URL string = '${app.outputs.address}/openai/v1'

@description('Event Grid topic of the data account.')
output EVENT_TOPIC_NAME string = eventGrid.outputs.name

@description('Name of the host account.')
output HOST_ACCOUNT_NAME string = hostStorage.outputs.name

@description('Container of undeliverable events, in the host account.')
output DEAD_LETTER_CONTAINER string = deadLetterContainer

@description('Blob address of the data account, where PDFs are dropped.')
output DATA_BLOB_ENDPOINT string = dataStorage.outputs.blobEndpoint

@description('Container that is watched.')
output PDF_CONTAINER string = pdfContainer

@description('Whether the stores can only be reached from inside the network.')
output PRIVATE_NETWORK bool = privateNetwork
