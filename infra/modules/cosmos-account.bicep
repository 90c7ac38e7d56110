// Cosmos DB, serverless: nothing to pay at rest but storage. No key opens it.

@description('Name of the account, unique in Azure.')
param name string

@description('Region of the account; Strong consistency is kept inside one region.')
param location string

@description('Tags of every resource.')
param tags object

@description('Whether the account answers on the public internet.')
param publicAccess bool

resource account 'Microsoft.DocumentDB/databaseAccounts@2024-11-15' = {
  name: name
  location: location
  tags: tags
  kind: 'GlobalDocumentDB'
  properties: {
    databaseAccountOfferType: 'Standard'
    capabilities: [
      {
        name: 'EnableServerless'
      }
    ]
    // A response made on one instance is read on the next one a moment later: weaker levels would lose it.
    consistencyPolicy: {
      defaultConsistencyLevel: 'Strong'
    }
    locations: [
      {
        locationName: location
        failoverPriority: 0
        isZoneRedundant: false
      }
    ]
    disableLocalAuth: true
    disableKeyBasedMetadataWriteAccess: true
    minimalTlsVersion: 'Tls12'
    publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
    // Seven days of point-in-time restore are free of charge.
    backupPolicy: {
      type: 'Continuous'
      continuousModeProperties: {
        tier: 'Continuous7Days'
      }
    }
  }
}

@description('Resource id of the account.')
output id string = account.id
