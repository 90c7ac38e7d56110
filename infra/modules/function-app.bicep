// The app itself, on the Flex Consumption plan.

@description('Name of the app, unique in Azure.')
param name string

@description('Name of its plan; a plan of this kind holds one app.')
param planName string

@description('Region of both.')
param location string

@description('Tags of every resource.')
param tags object

@description('Name of the service in azure.yaml, by which azd finds the app.')
param serviceName string

@description('Resource id of the user-assigned identity.')
param identityId string

@description('Client id of the same identity.')
param identityClientId string

@description('Name of the host account.')
param hostAccountName string

@description('Address of the blob service of the host account, with a trailing slash.')
param hostBlobEndpoint string

@description('Address of the queue service of the host account.')
param hostQueueEndpoint string

@description('Address of the table service of the host account.')
param hostTableEndpoint string

@description('Container of the host account for the deployed package.')
param packageContainer string

@description('Connection string of Application Insights.')
param insightsConnectionString string

@description('Subnet the app calls out from. Empty = none.')
param subnetId string

@description('Settings of the gateway by name; those with an empty value are left out, so that the app\'s own default holds.')
param settings object

@description('Settings that hold secrets or their hashes, likewise.')
@secure()
param secretSettings object

@description('Memory of one instance in megabytes.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int

@description('Most instances at a time.')
@minValue(1)
@maxValue(1000)
param maximumInstanceCount int

@description('HTTP requests one instance serves at a time.')
@minValue(1)
@maxValue(1000)
param httpConcurrency int

@description('Instances that are always warm, by group of functions: http, durable, blob. A group with 0 scales to zero.')
param alwaysReady { name: string, instanceCount: int }[]

// FUNCTIONS_WORKER_RUNTIME and FUNCTIONS_EXTENSION_VERSION are not for this plan: the runtime is named below.
var hostSettings = {
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identityClientId
  // The addresses count. Without the name, hosts of early 2026 could start without finding any (Azure/azure-functions-host#11787).
  AzureWebJobsStorage__accountName: hostAccountName
  AzureWebJobsStorage__blobServiceUri: hostBlobEndpoint
  AzureWebJobsStorage__queueServiceUri: hostQueueEndpoint
  AzureWebJobsStorage__tableServiceUri: hostTableEndpoint
  APPLICATIONINSIGHTS_CONNECTION_STRING: insightsConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
}

var givenSettings = filter(items(union(settings, secretSettings)), setting => !empty(setting.value))

resource plan 'Microsoft.Web/serverfarms@2024-11-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true
  }
}

resource app 'Microsoft.Web/sites@2024-11-01' = {
  name: name
  location: location
  tags: union(tags, {
    'azd-service-name': serviceName
  })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    clientAffinityEnabled: false
    // Event Grid delivers to the app over the public internet, also when everything behind it is private.
    publicNetworkAccess: 'Enabled'
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${hostBlobEndpoint}${packageContainer}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      runtime: {
        name: 'node'
        version: '24'
      }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
        alwaysReady: filter(alwaysReady, group => (group.instanceCount > 0))
        // A stream waits far more than it works, so an instance carries many of them.
        triggers: {
          http: {
            perInstanceConcurrency: httpConcurrency
          }
        }
      }
    }
    siteConfig: {
      minTlsVersion: '1.2'
    }
  }
}

resource appSettings 'Microsoft.Web/sites/config@2024-11-01' = {
  parent: app
  name: 'appsettings'
  properties: union(toObject(givenSettings, setting => setting.key, setting => setting.value), hostSettings)
}

// Publishing with a user name and a password is a key by another name.
// The platform refuses to change an app while it changes it ("another operation is in progress"): one after another.
resource ftpPublishing 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-11-01' = {
  parent: app
  name: 'ftp'
  properties: {
    allow: false
  }
  dependsOn: [appSettings]
}

resource scmPublishing 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-11-01' = {
  parent: app
  name: 'scm'
  properties: {
    allow: false
  }
  dependsOn: [ftpPublishing]
}

@description('Name of the app.')
output name string = app.name

@description('Resource id of the app, for its alerts.')
output id string = app.id

@description('Address of the app, without a trailing slash.')
output address string = 'https://${app.properties.defaultHostName}'
