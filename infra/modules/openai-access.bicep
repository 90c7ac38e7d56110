// The app's rights at the Azure OpenAI account, its own or one that was brought along.

import { Role } from 'role.bicep'

@description('Name of the account, in the resource group of this module.')
param accountName string

@description('Object id of the app\'s identity.')
param principalId string

@description('Built-in roles to give on the account.')
param roles Role[]

@description('A custom role that adds the rights to files: what it is called and may do. Null makes none.')
param filesRole { role: string, why: string, dataActions: string[] }?

@description('Id of an existing role definition that adds the rights to files. Empty gives none.')
param existingFilesRoleId string

resource account 'Microsoft.CognitiveServices/accounts@2025-06-01' existing = {
  name: accountName
}

resource assignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in roles: {
    name: guid(account.id, principalId, role.id)
    scope: account
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role.id)
      principalId: principalId
      principalType: 'ServicePrincipal'
      description: role.why
    }
  }
]

resource filesDefinition 'Microsoft.Authorization/roleDefinitions@2022-04-01' = if (filesRole != null) {
  name: guid(resourceGroup().id, account.id, 'files')
  properties: {
    // Names of roles are unique in a tenant.
    roleName: '${filesRole!.role} (${accountName})'
    description: filesRole!.why
    type: 'CustomRole'
    permissions: [
      {
        actions: []
        notActions: []
        dataActions: filesRole!.dataActions
        notDataActions: []
      }
    ]
    assignableScopes: [resourceGroup().id]
  }
}

resource filesAssignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (filesRole != null) {
  name: guid(account.id, principalId, 'files')
  scope: account
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', filesDefinition.name)
    principalId: principalId
    principalType: 'ServicePrincipal'
    description: filesRole!.why
  }
}

resource existingFilesAssignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(existingFilesRoleId)) {
  name: guid(account.id, principalId, existingFilesRoleId)
  scope: account
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', existingFilesRoleId)
    principalId: principalId
    principalType: 'ServicePrincipal'
    description: 'Uploads, reads and deletes files at the service: a role that was there before.'
  }
}

@description('Address of the resource. Only accounts with a subdomain of their own take tokens.')
output endpoint string = 'https://${account.properties.customSubDomainName}.openai.azure.com'
