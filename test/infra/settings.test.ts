import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/platform/config.ts';
import { settings } from '../../src/platform/settings.ts';
import { appSettingsOf, deploymentWith } from './template.ts';

// Without a tenant of its own the template takes the subscription's, which only Azure knows.
const ENTRA = { AUTH_AUDIENCE: 'api://gateway', AUTH_TENANT_ID: '11111111-2222-4333-8444-555555555555' };
const KEYS = { AUTH_MODE: 'keys', AUTH_KEYS: JSON.stringify({ billing: ['a'.repeat(64)] }) };

/** Only for the local world: the app refuses some of them in Azure. */
const LOCAL_ONLY = ['DataStorage', 'AZURE_OPENAI_API_KEY', 'AUTH_AUTHORITY'];

/** Settings of the Functions host and of Application Insights, which the app never reads. */
const HOST_SETTINGS = [
  'APPLICATIONINSIGHTS_AUTHENTICATION_STRING',
  'APPLICATIONINSIGHTS_CONNECTION_STRING',
  'AzureWebJobsStorage__accountName',
  'AzureWebJobsStorage__blobServiceUri',
  'AzureWebJobsStorage__clientId',
  'AzureWebJobsStorage__credential',
  'AzureWebJobsStorage__queueServiceUri',
  'AzureWebJobsStorage__tableServiceUri',
];

const names = (environment: Record<string, string>): string[] =>
  Object.keys(appSettingsOf(deploymentWith(environment)));

/** What Azure fills in, as the app would see it. */
function inAzure(environment: Record<string, string>): Record<string, string> {
  const set = Object.entries(appSettingsOf(deploymentWith(environment)));
  const known = set.map(([name, value]): [string, string] => [
    name,
    String(value).replace(/^<.*(endpoint|Endpoint)>$/, 'https://somewhere.example/'),
  ]);
  return { ...Object.fromEntries(known), WEBSITE_INSTANCE_ID: 'an-instance' };
}

describe('the app settings that the template makes', () => {
  it('hold every setting the app requires', () => {
    const required = Object.entries(settings).filter(([, { required }]) => required);
    const missing = required.map(([name]) => name).filter((name) => !names(ENTRA).includes(name));
    expect(missing).toEqual([]);
  });

  it('hold nothing that neither the app nor the host knows', () => {
    const everything = Object.fromEntries(Object.keys(settings).map((name) => [name, 'something']));
    const known = [...Object.keys(settings), ...HOST_SETTINGS];
    expect(names({ ...everything, AUTH_MODE: 'entra' }).filter((name) => !known.includes(name))).toEqual([]);
    expect(names(ENTRA)).toEqual(expect.arrayContaining(HOST_SETTINGS));
  });

  it('take every setting of the app from the azd environment, but for those of the local world', () => {
    const wanted = Object.keys(settings).filter((name) => !LOCAL_ONLY.includes(name));
    const everything = Object.fromEntries(wanted.map((name) => [name, 'something']));
    const set = names({ ...everything, AUTH_MODE: 'entra' });
    expect(wanted.filter((name) => !set.includes(name))).toEqual([]);
    expect(set.filter((name) => LOCAL_ONLY.includes(name))).toEqual([]);
  });

  it('leave out what nobody has set, so that the defaults of the app hold', () => {
    const set = names(ENTRA);
    expect(set).not.toContain('RETENTION_DAYS');
    expect(set).not.toContain('WEBHOOK_SECRETS');
    expect(appSettingsOf(deploymentWith({ ...ENTRA, RETENTION_DAYS: '30' }))).toMatchObject({ RETENTION_DAYS: '30' });
  });

  it.each([
    ['tokens', ENTRA],
    ['keys', KEYS],
    ['tokens without images', { ...ENTRA, IMAGE_MODEL: 'none' }],
  ])('are a configuration the app accepts: %s', (_name, environment) => {
    const config = readConfig(inAzure(environment));
    expect(config.auth.mode).toBe('AUTH_MODE' in environment ? environment.AUTH_MODE : 'entra');
    expect(config.development).toBe(false);
  });

  it('name the deployments that the template makes', () => {
    expect(
      appSettingsOf(deploymentWith({ ...ENTRA, TEXT_MODEL: 'gpt-5.1', IMAGE_DEPLOYMENT: 'pictures' })),
    ).toMatchObject({ AZURE_OPENAI_DEPLOYMENT: 'gpt-5.1', AZURE_OPENAI_IMAGE_DEPLOYMENT: 'pictures' });
  });

  it('open nothing with a key or a connection string', () => {
    const secrets = Object.entries(appSettingsOf(deploymentWith(ENTRA))).filter(([, value]) =>
      /AccountKey|SharedAccess|listKeys/i.test(String(value)),
    );
    expect(secrets).toEqual([]);
  });
});
