import { expect, it } from 'vitest';
import { hostEnvironment } from '../../../../local/world/app-settings.ts';

it('the wiring wins over what the developer has in the environment, which may point at Azure', () => {
  const own = {
    PATH: '/bin',
    POLL_INTERVAL_SECONDS: '1',
    COSMOS_ENDPOINT: 'https://production.documents.azure.com',
    AzureWebJobsStorage__accountName: 'production',
    DataStorage: 'DefaultEndpointsProtocol=https;AccountName=production',
    WEBSITE_INSTANCE_ID: 'abc',
  };
  const environment = hostEnvironment(own, { COSMOS_ENDPOINT: 'https://127.0.0.1:1', AzureWebJobsStorage: 'local' });
  expect(environment).toEqual({
    PATH: '/bin',
    POLL_INTERVAL_SECONDS: '1',
    COSMOS_ENDPOINT: 'https://127.0.0.1:1',
    AzureWebJobsStorage: 'local',
  });
});
