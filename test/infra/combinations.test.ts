import { describe, expect, it } from 'vitest';
import { TemplateFailure } from './evaluate.ts';
import { appSettingsOf, deploymentWith, parametersOf } from './template.ts';

const ENTRA = { AUTH_AUDIENCE: 'api://gateway' };
const ACCOUNT =
  '/subscriptions/1111/resourceGroups/their-group/providers/Microsoft.CognitiveServices/accounts/their-account';
const STORE = '/subscriptions/2222/resourceGroups/store-group/providers/Microsoft.DocumentDB/databaseAccounts/store';

const openAi = (environment: Record<string, string>): unknown =>
  parametersOf(deploymentWith({ ...ENTRA, ...environment }), 'openAiAccount');

describe('combinations that cannot work', () => {
  it.each([
    [
      'images where no image model is',
      { OPENAI_LOCATION: 'uksouth' },
      /No image model is offered in uksouth.*IMAGE_MODEL none/,
    ],
    ['an account that is none', { EXISTING_OPENAI_ID: 'their-account' }, /EXISTING_OPENAI_ID is no resource id/],
    ['a store that is none', { EXISTING_COSMOS_ID: ACCOUNT }, /EXISTING_COSMOS_ID is no resource id/],
    ['an existing role without its id', { OPENAI_FILES_ROLE: 'existing' }, /OPENAI_FILES_ROLE_ID/],
    ['tokens for nobody', { AUTH_AUDIENCE: '' }, /AUTH_AUDIENCE is empty.*AUTH_MODE keys/],
    ['tokens of everybody', { AUTH_APP_ROLE: 'none' }, /neither AUTH_APP_ROLE nor AUTH_ALLOWED_CLIENT_IDS/],
    ['keys without keys', { AUTH_MODE: 'keys' }, /AUTH_KEYS is empty.*npm run keys/],
  ])('are refused with what to do: %s', (_name, environment, message) => {
    const deploy = (): void => {
      const deployment = deploymentWith({ ...ENTRA, ...environment });
      for (const module of ['openAiAccount', 'openAiAccess', 'cosmosDatabase']) parametersOf(deployment, module);
      appSettingsOf(deployment);
    };
    expect(deploy).toThrow(TemplateFailure);
    expect(deploy).toThrow(message);
  });
});

describe('combinations that work', () => {
  it('deploys text and images where both are offered', () => {
    expect(openAi({ OPENAI_LOCATION: 'eastus2' })).toMatchObject({
      location: 'eastus2',
      deployments: [
        { name: 'gpt-5.4-mini', model: 'gpt-5.4-mini', sku: 'GlobalStandard', capacity: 100 },
        { name: 'gpt-image-1.5', model: 'gpt-image-1.5', version: '2025-12-16' },
      ],
    });
  });

  it('puts Azure OpenAI beside the app unless told otherwise', () => {
    expect(openAi({ AZURE_LOCATION: 'swedencentral' })).toMatchObject({ location: 'swedencentral' });
  });

  it('deploys text alone anywhere', () => {
    const parameters = openAi({ OPENAI_LOCATION: 'uksouth', IMAGE_MODEL: 'none' });
    expect(parameters).toMatchObject({ location: 'uksouth', deployments: [{ model: 'gpt-5.4-mini' }] });
  });

  it('uses an account and a store that were brought along, wherever they are', () => {
    const deployment = deploymentWith({
      ...ENTRA,
      EXISTING_OPENAI_ID: ACCOUNT,
      EXISTING_COSMOS_ID: STORE,
      OPENAI_LOCATION: 'uksouth',
    });
    expect(deployment.named('openAiSubscriptionId')).toBe('1111');
    expect(deployment.named('openAiResourceGroup')).toBe('their-group');
    expect(parametersOf(deployment, 'openAiAccess')).toMatchObject({ accountName: 'their-account' });
    expect(deployment.named('cosmosResourceGroup')).toBe('store-group');
    expect(parametersOf(deployment, 'cosmosDatabase')).toMatchObject({ accountName: 'store' });
  });

  it('lets clients in by their ids instead of a role', () => {
    const deployment = deploymentWith({ ...ENTRA, AUTH_APP_ROLE: 'none', AUTH_ALLOWED_CLIENT_IDS: 'one,two' });
    expect(appSettingsOf(deployment)).toMatchObject({ AUTH_ALLOWED_CLIENT_IDS: 'one,two' });
    expect(appSettingsOf(deployment)).not.toHaveProperty('AUTH_APP_ROLE');
  });

  it.each([
    ['custom', 'Cognitive Services OpenAI User', true, ''],
    ['contributor', 'Cognitive Services OpenAI Contributor', false, ''],
    ['existing', 'Cognitive Services OpenAI User', false, 'a-role'],
  ])('gives the rights to files by a role that is %s', (choice, role, makesRole, existing) => {
    const environment = { ...ENTRA, OPENAI_FILES_ROLE: choice, OPENAI_FILES_ROLE_ID: 'a-role' };
    const parameters = parametersOf(deploymentWith(environment), 'openAiAccess');
    expect(parameters).toMatchObject({ roles: [{ role }], existingFilesRoleId: existing });
    expect(parameters.filesRole !== null).toBe(makesRole);
  });
});
