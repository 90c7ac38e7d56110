// Logs and telemetry: one workspace, Application Insights on top of it, ingestion by identity only.

@description('Name of the Log Analytics workspace.')
param workspaceName string

@description('Name of the Application Insights component.')
param insightsName string

@description('Region of both.')
param location string

@description('Tags of every resource.')
param tags object

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' = {
  name: workspaceName
  location: location
  tags: tags
  properties: {
    sku: {
      name: 'PerGB2018'
    }
    // 30 days is what the price of ingestion includes.
    retentionInDays: 30
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: insightsName
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    DisableLocalAuth: true
  }
}

@description('Resource id of the workspace, for log alerts.')
output workspaceId string = workspace.id

@description('Name of the Application Insights component, for its role assignment.')
output insightsName string = insights.name

@description('Where telemetry goes. Not a secret while local authentication is off.')
output connectionString string = insights.properties.ConnectionString
