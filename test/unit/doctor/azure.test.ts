import { describe, expect, it } from 'vitest';
import { examine, show, type Check, type Finding } from '../../../tools/doctor/check.ts';
import { deployments, events, region, responsesRegions } from '../../../tools/doctor/azure-checks.ts';
import { expectedFunctions, functions } from '../../../tools/doctor/gateway-checks.ts';
import type { Patient } from '../../../tools/doctor/patient.ts';
import { deploymentSettings, endpointForm, storageSettings } from '../../../tools/doctor/settings-checks.ts';
import { identity } from '../../../tools/doctor/store-checks.ts';

const CLIENT_ID = '11111111-2222-3333-4444-555555555555';

const settings = {
  AZURE_OPENAI_ENDPOINT: 'https://my-resource.openai.azure.com/',
  AZURE_OPENAI_DEPLOYMENT: 'text',
  AZURE_OPENAI_IMAGE_DEPLOYMENT: 'pictures',
  AZURE_CLIENT_ID: CLIENT_ID,
};

/** What Resource Manager knows, by the last part of the path. */
const resources: Record<string, unknown> = {
  accounts: {
    value: [{ id: '/accounts/mine', location: 'swedencentral', properties: { customSubDomainName: 'my-resource' } }],
  },
  deployments: {
    value: [
      { name: 'text', properties: { model: { name: 'gpt-5.4-mini' } } },
      { name: 'pictures', properties: { model: { name: 'gpt-image-1.5' } } },
    ],
  },
  eventSubscriptions: {
    value: [
      {
        name: 'dropped-pdfs-0123abcd',
        properties: { provisioningState: 'Succeeded', destination: { endpointType: 'WebHook' } },
      },
    ],
  },
  functions: { value: expectedFunctions().map((name) => ({ name: `app/${name}` })) },
  app: { identity: { userAssignedIdentities: { '/id': { clientId: CLIENT_ID } } } },
};

function deployed(known: Record<string, unknown> = {}, changed: Record<string, string> = {}): Patient {
  const all = { ...resources, ...known };
  return {
    gateway: 'https://app.example',
    settings: { ...settings, ...changed },
    credentials: {},
    mark: 'doctor-1',
    token: () => Promise.resolve('token'),
    now: () => 0,
    deployment: {
      resourceManager: {
        send: (_method, path) => Promise.resolve(all[path.split('?')[0]?.split('/').at(-1) ?? ''] ?? {}),
      },
      subscriptionId: 's',
      resourceGroup: 'g',
      appName: 'app',
      topicName: 't',
    },
  };
}

const azureOnly = [endpointForm, region, deploymentSettings, deployments, identity, functions, events];

async function findingsOf(patient: Patient, checks: readonly Check[] = azureOnly): Promise<Finding[]> {
  const findings: Finding[] = [];
  for await (const finding of examine(patient, checks)) findings.push(finding);
  return findings;
}

const account = (location: string) => ({
  value: [{ id: '/accounts/mine', location, properties: { customSubDomainName: 'my-resource' } }],
});

describe('the doctor of a deployment', () => {
  it('finds nothing wrong with one as the templates make it', async () => {
    const findings = await findingsOf(deployed());
    expect(findings.filter(({ state }) => state !== 'well').map(show)).toEqual([]);
  });

  it.each<[string, Patient]>([
    ['region', deployed({ accounts: account('westeurope') })],
    [
      'deployments',
      deployed({ deployments: { value: [{ name: 'text', properties: { model: { name: 'gpt-4.1' } } }] } }),
    ],
    [
      'deployments',
      deployed({
        deployments: {
          value: ['text', 'pictures'].map((name) => ({ name, properties: { model: { name: 'gpt-4.1' } } })),
        },
      }),
    ],
    ['deployment settings', deployed({}, { ALLOWED_MODELS: 'another' })],
    ['identity', deployed({ app: { identity: {} } })],
    ['functions', deployed({ functions: { value: [{ name: 'app/health' }] } })],
    ['event subscription', deployed({ eventSubscriptions: { value: [] } })],
    [
      'event subscription',
      deployed({
        eventSubscriptions: { value: [{ name: 'dropped-pdfs-1', properties: { provisioningState: 'Failed' } }] },
      }),
    ],
  ])('shows %s red and nothing else', async (line, patient) => {
    const faults = (await findingsOf(patient)).filter(({ state }) => state === 'fault');
    expect(faults.map(({ name }) => name)).toEqual([line]);
    expect(faults[0]?.fix).toBeTruthy();
  });

  it('tries nothing at an address that leads nowhere', async () => {
    const findings = await findingsOf(deployed({}, { AZURE_OPENAI_ENDPOINT: 'https://x.api.cognitive.microsoft.com' }));
    const states = Object.fromEntries(findings.map(({ name, state }) => [name, state]));
    expect(states).toMatchObject({ endpoint: 'fault', region: 'skipped', deployments: 'skipped' });
  });

  it('knows the regions of docs/deploy.md', () => {
    expect(responsesRegions().has('eastus2')).toBe(true);
    expect(responsesRegions().has('westeurope')).toBe(false);
  });
});

describe('storage settings', () => {
  const whole = (name: string, ...services: string[]): Record<string, string> =>
    Object.fromEntries<string>([
      ...services.map((service) => [`${name}__${service}ServiceUri`, `https://${name}.${service}.example`] as const),
      [`${name}__credential`, 'managedidentity'],
      [`${name}__clientId`, CLIENT_ID],
    ]);
  const both = { ...whole('AzureWebJobsStorage', 'blob', 'queue', 'table'), ...whole('DataStorage', 'blob', 'queue') };

  it('are well when whole, or given as connection strings', async () => {
    await expect(storageSettings.run(deployed({}, both))).resolves.toContain('complete');
    const strings = { AzureWebJobsStorage: 'UseDevelopmentStorage=true', DataStorage: 'UseDevelopmentStorage=true' };
    await expect(storageSettings.run(deployed({}, strings))).resolves.toContain('complete');
  });

  it.each(Object.keys(both))('name %s when it is missing', async (name) => {
    const [finding] = await findingsOf(deployed({}, { ...both, [name]: '' }), [storageSettings]);
    expect(finding).toMatchObject({ state: 'fault', text: `${name} is missing` });
  });

  it('must lead to two accounts', async () => {
    const address = both.DataStorage__blobServiceUri ?? '';
    const same = deployed({}, { ...both, AzureWebJobsStorage__blobServiceUri: `${address}/` });
    const [finding] = await findingsOf(same, [storageSettings]);
    expect(finding).toMatchObject({ state: 'fault', text: 'host and data are one account' });
  });
});
