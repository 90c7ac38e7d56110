import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ConfigurationError, readConfig } from '../../../src/platform/config.ts';
import { settings } from '../../../src/platform/settings.ts';

const GOOD = {
  AZURE_FUNCTIONS_ENVIRONMENT: 'Development',
  AZURE_OPENAI_ENDPOINT: 'https://r.openai.azure.com/',
  AZURE_OPENAI_DEPLOYMENT: 'gpt-4.1',
  COSMOS_ENDPOINT: 'https://c.documents.azure.com',
  DataStorage__blobServiceUri: 'https://d.blob.core.windows.net',
  AUTH_MODE: 'any-key',
};

const ENTRA = {
  AUTH_MODE: 'entra',
  AUTH_TENANT_ID: '10ca1000-0000-4000-8000-000000000001',
  AUTH_AUDIENCE: 'api://x',
  AUTH_APP_ROLE: 'Responses.Use',
};

const faultsOf = (environment: Record<string, string | undefined>): readonly string[] => {
  try {
    readConfig(environment);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults;
    throw error;
  }
  return [];
};

describe('the longest stream', () => {
  const limitOf = (timeout?: string): number =>
    readConfig({ ...GOOD, AzureFunctionsJobHost__functionTimeout: timeout }).streamLimitMs / 60_000;

  it('ends two minutes before host.json would end the function', () => {
    const { functionTimeout } = z
      .object({ functionTimeout: z.string() })
      .parse(JSON.parse(readFileSync('host.json', 'utf8')));
    expect(limitOf()).toBe(28);
    expect(limitOf(functionTimeout)).toBe(28);
  });

  it.each([
    ['01:00:00', 58],
    ['00:03:00', 2],
    ['0.12:00:00', 718],
    ['2.00:00:00', 1440],
    ['-1', 1440],
  ])('follows the setting that stands above host.json: %s', (timeout, minutes) => {
    expect(limitOf(timeout)).toBe(minutes);
  });

  it.each(['soon', '30', '00:00:00', '1:2'])('takes no time that the host would not take: %s', (timeout) => {
    expect(faultsOf({ ...GOOD, AzureFunctionsJobHost__functionTimeout: timeout })).toEqual([
      expect.stringMatching(/^AzureFunctionsJobHost__functionTimeout is neither hh:mm:ss nor -1/),
    ]);
  });
});

describe('readConfig', () => {
  it('reads a good environment, with defaults', () => {
    const config = readConfig(GOOD);
    expect(config.openai).toMatchObject({
      endpoint: 'https://r.openai.azure.com',
      scope: 'https://ai.azure.com/.default',
    });
    expect(config.retentionDays).toBe(90);
    expect(config.auth).toEqual({ mode: 'any-key' });
  });

  it.each(['https://r.openai.azure.com/openai/v1/', 'https://r.openai.azure.com/openai', 'https://r.openai.azure.com'])(
    'takes the resource address in the form people paste: %s',
    (endpoint) => {
      expect(readConfig({ ...GOOD, AZURE_OPENAI_ENDPOINT: endpoint }).openai.endpoint).toBe(
        'https://r.openai.azure.com',
      );
    },
  );

  it('names every missing setting at once, each with an example', () => {
    const faults = faultsOf({ AUTH_MODE: 'keys' });
    for (const name of [
      'AZURE_OPENAI_ENDPOINT',
      'AZURE_OPENAI_DEPLOYMENT',
      'COSMOS_ENDPOINT',
      'DataStorage__blobServiceUri',
      'AUTH_KEYS',
    ]) {
      expect(faults.filter((fault) => fault.startsWith(name))).toHaveLength(1);
    }
    expect(faults.every((fault) => fault.includes('for example'))).toBe(true);
  });

  it.each([
    ['AUTH_MODE', { AZURE_FUNCTIONS_ENVIRONMENT: undefined }],
    ['AUTH_MODE', { WEBSITE_INSTANCE_ID: 'abc' }],
    ['AUTH_MODE', { WEBSITE_SKU: 'FlexConsumption' }],
    ['AUTH_MODE', { WEBSITE_POD_NAME: 'abc' }],
    ['AUTH_AUTHORITY', { ...ENTRA, AUTH_AUTHORITY: 'https://evil.example', LEGION_SERVICE_HOST: 'abc' }],
    [
      'AZURE_OPENAI_API_KEY',
      {
        AUTH_MODE: 'keys',
        AUTH_KEYS: `{"a":["${'0'.repeat(64)}"]}`,
        AZURE_OPENAI_API_KEY: 'k',
        WEBSITE_INSTANCE_ID: 'abc',
      },
    ],
  ])('refuses the Development convenience %s where it would be a hole', (name, extra) => {
    expect(faultsOf({ ...GOOD, ...extra }).some((fault) => fault.startsWith(name))).toBe(true);
  });

  it('refuses Entra without a role and without admitted clients', () => {
    const faults = faultsOf({ ...GOOD, ...ENTRA, AUTH_APP_ROLE: '' });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain('AUTH_ALLOWED_CLIENT_IDS');
  });

  it.each(['common', 'contoso.onmicrosoft.com'])('refuses %s as a tenant: no token is issued by it', (tenant) => {
    const faults = faultsOf({ ...GOOD, ...ENTRA, AUTH_TENANT_ID: tenant });
    expect(faults).toEqual([expect.stringContaining('AUTH_TENANT_ID')]);
  });

  it.each(['*', '', 'a/b', 'x'.repeat(65)])('refuses a key whose owner would be %j', (name) => {
    const faults = faultsOf({ ...GOOD, AUTH_MODE: 'keys', AUTH_KEYS: JSON.stringify({ [name]: ['0'.repeat(64)] }) });
    expect(faults).toEqual([expect.stringContaining('AUTH_KEYS')]);
  });

  it.each(['{"billing":"hunter2"}', '{"hunter2":"billing"}', '["hunter2"]', 'hunter2'])(
    'does not quote secrets in faults, which everybody may read: %s',
    (keys) => {
      const faults = faultsOf({ ...GOOD, AUTH_MODE: 'keys', AUTH_KEYS: keys, WEBHOOK_SECRETS: 'hunter2' });
      expect(faults).toHaveLength(2);
      expect(faults.join()).not.toContain('hunter2');
    },
  );

  it('takes no webhook that would never be called', () => {
    const hooks = { WEBHOOK_URL: 'http://example.com/hooks', WEBHOOK_SECRETS: 'whsec_aaaa' };
    expect(faultsOf({ ...GOOD, ...hooks })).toEqual([expect.stringContaining('WEBHOOK_URL is no https address')]);
    expect(faultsOf({ ...GOOD, ...hooks, OUTBOUND_ALLOW_PRIVATE: 'true' })).toEqual([]);
  });

  it('describes every setting it reads', () => {
    expect(Object.values(settings).every(({ example, about }) => example !== '' && about !== '')).toBe(true);
  });
});
