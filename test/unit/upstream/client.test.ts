import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../src/platform/config.ts';
import { ServiceClient } from '../../../src/upstream/client.ts';

const config = readConfig({
  AUTH_MODE: 'keys',
  AUTH_KEYS: '{"web":["'.concat('0'.repeat(64), '"]}'),
  AZURE_OPENAI_ENDPOINT: 'https://r.openai.azure.com',
  AZURE_OPENAI_DEPLOYMENT: 'gpt-4.1',
  COSMOS_ENDPOINT: 'https://c.documents.azure.com',
  DataStorage__blobServiceUri: 'https://d.blob.core.windows.net',
});

describe('the client of Azure OpenAI', () => {
  it('was never there when its identity gives no token: later it may, and nothing is paid', async () => {
    const client = new ServiceClient(config, () => Promise.reject(new Error('nobody is signed in')));
    const asking = client.createResponse({ model: 'gpt-4.1', input: 'x' }, {});
    await expect(asking).rejects.toMatchObject({
      kind: 'service_unavailable',
      certainty: 'refused',
      passing: true,
      message: expect.stringContaining('az login'),
      detail: { retryAfterSeconds: 10 },
    });
  });
});
