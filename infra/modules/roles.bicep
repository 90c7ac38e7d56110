// Who may do what in this resource group. The roles and their reasons are in roles.json;
// those at Azure OpenAI, Cosmos DB and Event Grid are given by their own modules from the same list.

import { Role } from 'role.bicep'

@description('Roles of the app, by what they are given on.')
param appRoles { hostStorage: Role[], dataStorage: Role[], pdfContainer: Role[], insights: Role[], *: Role[] }

@description('Roles of whoever deploys on the data account.')
param deployerRoles Role[]

@description('Object id of the app\'s identity.')
param principalId string

@description('Object id of whoever deploys, person or service principal. Empty gives no roles.')
param deployerId string

@description('Name of the host account.')
param hostAccountName string

@description('Name of the data account.')
param dataAccountName string

@description('Container that the blob trigger watches.')
param pdfContainer string

@description('Name of the Application Insights component.')
param insightsName string

resource hostAccount 'Microsoft.Storage/storageAccounts@2025-01-01' existing = {
  name: hostAccountName
}

resource dataAccount 'Microsoft.Storage/storageAccounts@2025-01-01' existing = {
  name: dataAccountName

  resource blobService 'blobServices' existing = {
    name: 'default'

    resource pdfs 'containers' existing = {
      name: pdfContainer
    }
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource onHostStorage 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in appRoles.hostStorage: {
    name: guid(hostAccount.id, principalId, role.id)
    scope: hostAccount
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role.id)
      principalId: principalId
      principalType: 'ServicePrincipal'
      description: role.why
    }
  }
]

resource onDataStorage 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in appRoles.dataStorage: {
    name: guid(dataAccount.id, principalId, role.id)
    scope: dataAccount
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role.id)
      principalId: principalId
      principalType: 'ServicePrincipal'
      description: role.why
    }
  }
]

resource onPdfContainer 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in appRoles.pdfContainer: {
    name: guid(dataAccount::blobService::pdfs.id, principalId, role.id)
    scope: dataAccount::blobService::pdfs
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role.id)
      principalId: principalId
      principalType: 'ServicePrincipal'
      description: role.why
    }
  }
]

resource onInsights 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in appRoles.insights: {
    name: guid(insights.id, principalId, role.id)
    scope: insights
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role.id)
      principalId: principalId
      principalType: 'ServicePrincipal'
      description: role.why
    }
  }
]

// Without principalType: a person and the service principal of a pipeline are equally welcome.
resource ofDeployer 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in deployerRoles: if (!empty(deployerId)) {
    name: guid(dataAccount.id, deployerId, role.id)
    scope: dataAccount
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role.id)
      principalId: deployerId
      description: role.why
    }
  }
]
