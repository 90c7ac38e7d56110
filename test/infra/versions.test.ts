import { describe, expect, it } from 'vitest';
import { bicepFiles } from './template.ts';

/**
 * Every resource type of the templates with its version: all of them stable, and all of them checked property by
 * property against Microsoft's published Bicep types (Azure/bicep-types-az, August 2026) when they were written.
 * Whoever changes a version checks the properties again, and then this list.
 */
const VERSIONS: Record<string, string> = {
  'Microsoft.Authorization/roleAssignments': '2022-04-01',
  'Microsoft.Authorization/roleDefinitions': '2022-04-01',
  'Microsoft.CognitiveServices/accounts': '2025-06-01',
  'Microsoft.CognitiveServices/accounts/deployments': '2025-06-01',
  'Microsoft.Consumption/budgets': '2023-11-01',
  'Microsoft.DocumentDB/databaseAccounts': '2024-11-15',
  'Microsoft.DocumentDB/databaseAccounts/sqlDatabases': '2024-11-15',
  'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers': '2024-11-15',
  'Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments': '2024-11-15',
  'Microsoft.EventGrid/systemTopics': '2025-02-15',
  'Microsoft.EventGrid/systemTopics/eventSubscriptions': '2025-02-15',
  'Microsoft.Insights/actionGroups': '2023-01-01',
  'Microsoft.Insights/components': '2020-02-02',
  'Microsoft.Insights/metricAlerts': '2018-03-01',
  'Microsoft.Insights/scheduledQueryRules': '2023-12-01',
  'Microsoft.ManagedIdentity/userAssignedIdentities': '2024-11-30',
  'Microsoft.Network/privateDnsZones': '2024-06-01',
  'Microsoft.Network/privateDnsZones/virtualNetworkLinks': '2024-06-01',
  'Microsoft.Network/privateEndpoints': '2024-05-01',
  'Microsoft.Network/privateEndpoints/privateDnsZoneGroups': '2024-05-01',
  'Microsoft.Network/virtualNetworks': '2024-05-01',
  'Microsoft.OperationalInsights/workspaces': '2025-02-01',
  'Microsoft.Resources/resourceGroups': '2024-11-01',
  'Microsoft.Storage/storageAccounts': '2025-01-01',
  'Microsoft.Storage/storageAccounts/blobServices': '2025-01-01',
  'Microsoft.Storage/storageAccounts/blobServices/containers': '2025-01-01',
  'Microsoft.Storage/storageAccounts/queueServices': '2025-01-01',
  'Microsoft.Storage/storageAccounts/queueServices/queues': '2025-01-01',
  'Microsoft.Web/serverfarms': '2024-11-01',
  'Microsoft.Web/sites': '2024-11-01',
  'Microsoft.Web/sites/basicPublishingCredentialsPolicies': '2024-11-01',
  'Microsoft.Web/sites/config': '2024-11-01',
};

describe('the API versions of the templates', () => {
  const used = bicepFiles.flatMap((file) =>
    file.resources
      // A nested resource has its parent's version.
      .filter(({ target }) => target.includes('@'))
      .map(({ target }) => ({
        file: file.path,
        type: target.split('@')[0] ?? '',
        version: target.split('@')[1] ?? '',
      })),
  );

  it('are those that were checked', () => {
    const unknown = used.filter(({ type, version }) => VERSIONS[type] !== version);
    expect(unknown).toEqual([]);
    expect(Object.keys(VERSIONS).filter((type) => !used.some((one) => one.type === type))).toEqual([]);
  });

  it('are no previews', () => {
    expect(Object.values(VERSIONS).filter((version) => !/^\d{4}-\d{2}-\d{2}$/.test(version))).toEqual([]);
  });
});
