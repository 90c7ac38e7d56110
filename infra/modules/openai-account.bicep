// Azure OpenAI with a text and, if asked for, an image deployment. No key opens it.

import { Deployment } from 'deployment.bicep'

@description('Name of the account, which is also its subdomain: tokens are only taken on a subdomain of one\'s own.')
param name string

@description('Region of the account; it must offer the Responses API and the models.')
param location string

@description('Tags of every resource.')
param tags object

@description('Whether the account answers on the public internet.')
param publicAccess bool

@description('Model deployments to make.')
param deployments Deployment[]

resource account 'Microsoft.CognitiveServices/accounts@2025-06-01' = {
  name: name
  location: location
  tags: tags
  kind: 'OpenAI'
  sku: {
    name: 'S0'
  }
  properties: {
    customSubDomainName: name
    disableLocalAuth: true
    publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
    networkAcls: {
      defaultAction: publicAccess ? 'Allow' : 'Deny'
    }
  }
}

// One after the other: the service refuses two changes of an account at a time.
@batchSize(1)
resource modelDeployments 'Microsoft.CognitiveServices/accounts/deployments@2025-06-01' = [
  for deployment in deployments: {
    parent: account
    name: deployment.name
    sku: {
      name: deployment.sku
      capacity: deployment.capacity
    }
    properties: {
      model: {
        format: 'OpenAI'
        name: deployment.model
        version: deployment.version
      }
      versionUpgradeOption: 'OnceCurrentVersionExpired'
    }
  }
]

@description('Resource id of the account.')
output id string = account.id
