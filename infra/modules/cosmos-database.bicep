// The gateway's database in an account of its own or in one that was brought along, and the app's right to use it.

import { Role } from 'role.bicep'

@description('Name of the account, in the resource group of this module.')
param accountName string

@description('Name of the database.')
param databaseName string

@description('Object id of the app\'s identity.')
param principalId string

@description('Roles to give on the database.')
param roles Role[]

resource account 'Microsoft.DocumentDB/databaseAccounts@2024-11-15' existing = {
  name: accountName
}

resource database 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases@2024-11-15' = {
  parent: account
  name: databaseName
  properties: {
    resource: {
      id: databaseName
    }
  }
}

// One document per response. What a person wrote or a model answered is never searched, so it is not indexed:
// that halves the price of a write.
resource chains 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers@2024-11-15' = {
  parent: database
  name: 'chains'
  properties: {
    resource: {
      id: 'chains'
      partitionKey: {
        paths: ['/chainId']
        kind: 'Hash'
        version: 2
      }
      // On, without a default: every document says for itself when it ends.
      defaultTtl: -1
      indexingPolicy: {
        automatic: true
        indexingMode: 'consistent'
        includedPaths: [
          {
            path: '/*'
          }
        ]
        excludedPaths: [
          {
            path: '/request/*'
          }
          {
            path: '/input/*'
          }
          {
            path: '/envelope/*'
          }
          {
            path: '/output/*'
          }
          {
            path: '/preview/?'
          }
          {
            path: '/"_etag"/?'
          }
        ]
      }
    }
  }
}

// Small documents by owner: chains, files, containers, dropped documents, idempotency keys, undelivered webhooks.
resource directory 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers@2024-11-15' = {
  parent: database
  name: 'directory'
  properties: {
    resource: {
      id: 'directory'
      partitionKey: {
        paths: ['/owner']
        kind: 'Hash'
        version: 2
      }
      defaultTtl: -1
      indexingPolicy: {
        automatic: true
        indexingMode: 'consistent'
        includedPaths: [
          {
            path: '/*'
          }
        ]
        excludedPaths: [
          {
            path: '/title/?'
          }
          {
            path: '/"_etag"/?'
          }
        ]
      }
    }
  }
}

// Data-plane roles of Cosmos DB are its own resources, not Azure role assignments.
resource assignments 'Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments@2024-11-15' = [
  for role in roles: {
    parent: account
    name: guid(account.id, databaseName, principalId, role.id)
    properties: {
      principalId: principalId
      roleDefinitionId: '${account.id}/sqlRoleDefinitions/${role.id}'
      scope: '${account.id}/dbs/${database.name}'
    }
  }
]

@description('Address of the account.')
output endpoint string = account.properties.documentEndpoint
