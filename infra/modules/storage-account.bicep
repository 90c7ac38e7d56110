// One storage account that no key opens. Used twice: for the Functions host, and for the gateway's own data.

@description('Name of the account: 3 to 24 lower-case letters and digits, unique in Azure.')
@minLength(3)
@maxLength(24)
param name string

@description('Region of the account.')
param location string

@description('Tags of every resource.')
param tags object

@description('Blob containers to make.')
param containers string[]

@description('Queues to make.')
param queues string[]

@description('Whether the account answers on the public internet; without it only private endpoints and trusted services reach it.')
param publicAccess bool

@description('Days for which a deleted blob can be brought back; 0 = deleted is gone.')
@minValue(0)
@maxValue(365)
param softDeleteDays int

resource account 'Microsoft.Storage/storageAccounts@2025-01-01' = {
  name: name
  location: location
  tags: tags
  // Event Grid and the blob trigger need general-purpose v2.
  kind: 'StorageV2'
  sku: {
    name: 'Standard_LRS'
  }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
    networkAcls: {
      defaultAction: publicAccess ? 'Allow' : 'Deny'
      // Event Grid reads from and dead-letters to a closed account as a trusted service.
      bypass: 'AzureServices'
    }
  }
}

resource blobService 'Microsoft.Storage/storageAccounts/blobServices@2025-01-01' = {
  parent: account
  name: 'default'
  properties: {
    deleteRetentionPolicy: softDeleteDays > 0
      ? {
          enabled: true
          days: max(softDeleteDays, 1)
        }
      : {
          enabled: false
        }
  }
}

resource blobContainers 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' = [
  for container in containers: {
    parent: blobService
    name: container
    properties: {
      publicAccess: 'None'
    }
  }
]

resource queueService 'Microsoft.Storage/storageAccounts/queueServices@2025-01-01' = {
  parent: account
  name: 'default'
}

resource accountQueues 'Microsoft.Storage/storageAccounts/queueServices/queues@2025-01-01' = [
  for queue in queues: {
    parent: queueService
    name: queue
  }
]

@description('Resource id of the account.')
output id string = account.id

@description('Name of the account, once its containers are there.')
output name string = account.name

@description('Address of the blob service, with a trailing slash.')
output blobEndpoint string = account.properties.primaryEndpoints.blob

@description('Address of the queue service, with a trailing slash.')
output queueEndpoint string = account.properties.primaryEndpoints.queue

@description('Address of the table service, with a trailing slash.')
output tableEndpoint string = account.properties.primaryEndpoints.table
