// Every service behind the gateway, made reachable from the network and from nowhere else, with the names that lead there.

@description('Region of the network.')
param location string

@description('Tags of every resource.')
param tags object

@description('Text that makes the names of the endpoints unique.')
param suffix string

@description('Resource id of the network.')
param networkId string

@description('Subnet of the endpoints.')
param subnetId string

@description('Resource id of the host account.')
param hostAccountId string

@description('Resource id of the data account.')
param dataAccountId string

@description('Resource id of the Cosmos DB account.')
param cosmosId string

@description('Resource id of the Azure OpenAI account.')
param openAiId string

var blobZone = 'privatelink.blob.${environment().suffixes.storage}'
var queueZone = 'privatelink.queue.${environment().suffixes.storage}'
var tableZone = 'privatelink.table.${environment().suffixes.storage}'
var cosmosZone = 'privatelink.documents.azure.com'
// An account of the kind OpenAI has its name in the first zone; one of the kind AIServices, brought along, in all three.
var openAiZones = [
  'privatelink.openai.azure.com'
  'privatelink.cognitiveservices.azure.com'
  'privatelink.services.ai.azure.com'
]

var endpoints = [
  { name: 'host-blob', resourceId: hostAccountId, group: 'blob', zones: [blobZone] }
  { name: 'host-queue', resourceId: hostAccountId, group: 'queue', zones: [queueZone] }
  { name: 'host-table', resourceId: hostAccountId, group: 'table', zones: [tableZone] }
  { name: 'data-blob', resourceId: dataAccountId, group: 'blob', zones: [blobZone] }
  { name: 'data-queue', resourceId: dataAccountId, group: 'queue', zones: [queueZone] }
  { name: 'cosmos', resourceId: cosmosId, group: 'Sql', zones: [cosmosZone] }
  { name: 'openai', resourceId: openAiId, group: 'account', zones: openAiZones }
]

var zoneNames = concat([blobZone, queueZone, tableZone, cosmosZone], openAiZones)

resource zones 'Microsoft.Network/privateDnsZones@2024-06-01' = [
  for zoneName in zoneNames: {
    name: zoneName
    location: 'global'
    tags: tags
  }
]

resource links 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for (zoneName, index) in zoneNames: {
    parent: zones[index]
    name: 'gateway'
    location: 'global'
    tags: tags
    properties: {
      virtualNetwork: {
        id: networkId
      }
      registrationEnabled: false
    }
  }
]

module privateEndpoints 'private-endpoint.bicep' = [
  for endpoint in endpoints: {
    name: 'private-endpoint-${endpoint.name}'
    params: {
      name: 'pep-${endpoint.name}-${suffix}'
      location: location
      tags: tags
      subnetId: subnetId
      resourceId: endpoint.resourceId
      groupId: endpoint.group
      zoneNames: endpoint.zones
    }
    // The endpoint looks its zones up by name.
    dependsOn: [links]
  }
]
