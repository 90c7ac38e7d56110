// One service made reachable from the network, with its names: without the zone group there would be no address record.

@description('Name of the endpoint.')
param name string

@description('Region of the endpoint: that of the network.')
param location string

@description('Tags of every resource.')
param tags object

@description('Subnet of the endpoint.')
param subnetId string

@description('Resource that is made reachable.')
param resourceId string

@description('Part of the resource, for example blob.')
param groupId string

@description('Private DNS zones that get its addresses.')
param zoneNames string[]

resource zones 'Microsoft.Network/privateDnsZones@2024-06-01' existing = [
  for zoneName in zoneNames: {
    name: zoneName
  }
]

resource endpoint 'Microsoft.Network/privateEndpoints@2024-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    subnet: {
      id: subnetId
    }
    privateLinkServiceConnections: [
      {
        name: name
        properties: {
          privateLinkServiceId: resourceId
          groupIds: [groupId]
        }
      }
    ]
  }
}

resource zoneGroup 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2024-05-01' = {
  parent: endpoint
  name: 'default'
  properties: {
    privateDnsZoneConfigs: [
      for (zoneName, index) in zoneNames: {
        name: replace(zoneName, '.', '-')
        properties: {
          privateDnsZoneId: zones[index].id
        }
      }
    ]
  }
}
