// Tells the app of every new blob in the data account. The subscription itself comes after the code
// (event-subscription.bicep): it is only accepted by an app that is already running.

import { Role } from 'role.bicep'

@description('Name of the system topic.')
param name string

@description('Region of the topic: that of the data account.')
param location string

@description('Tags of every resource.')
param tags object

@description('Name of the data account whose events are told.')
param dataAccountName string

@description('Name of the host account, which holds the container of undeliverable events.')
param hostAccountName string

@description('Container of undeliverable events.')
param deadLetterContainer string

@description('Roles of the topic on that container.')
param roles Role[]

resource dataAccount 'Microsoft.Storage/storageAccounts@2025-01-01' existing = {
  name: dataAccountName
}

resource hostAccount 'Microsoft.Storage/storageAccounts@2025-01-01' existing = {
  name: hostAccountName

  resource blobService 'blobServices' existing = {
    name: 'default'

    resource deadLetters 'containers' existing = {
      name: deadLetterContainer
    }
  }
}

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: name
  location: location
  tags: tags
  // Only a system-assigned identity passes the firewall of a closed storage account.
  identity: {
    type: 'SystemAssigned'
  }
  properties: {
    source: dataAccount.id
    topicType: 'Microsoft.Storage.StorageAccounts'
  }
}

resource assignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in roles: {
    name: guid(hostAccount::blobService::deadLetters.id, topic.id, role.id)
    scope: hostAccount::blobService::deadLetters
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role.id)
      principalId: topic.identity.principalId
      principalType: 'ServicePrincipal'
      description: role.why
    }
  }
]

@description('Name of the topic.')
output name string = topic.name

@description('Resource id of the topic, for its alerts.')
output id string = topic.id
