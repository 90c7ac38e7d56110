import { describe, expect, it } from 'vitest';
import { createStorageConnections, settingName } from '../../../../../local/host/triggers/storage-connections.ts';

const KEY = Buffer.from('key').toString('base64');
const connectionString = (account: string): string =>
  `DefaultEndpointsProtocol=https;AccountName=${account};AccountKey=${KEY};EndpointSuffix=core.windows.net`;

describe('storage connections', () => {
  it('finds the settings under both names, the prefixed one first', () => {
    expect(settingName(undefined, {})).toBe('AzureWebJobsStorage');
    expect(settingName('Data', { Data: 'x' })).toBe('Data');
    expect(settingName('Data', { Data__blobServiceUri: 'x' })).toBe('Data');
    expect(settingName('Data', { Data: 'x', AzureWebJobsData: 'y' })).toBe('AzureWebJobsData');
  });

  it('opens a connection string, once', async () => {
    const connections = createStorageConnections({ Data: connectionString('mine') });
    const blobs = await connections.blobs('Data');
    expect(blobs.accountName).toBe('mine');
    expect(await connections.blobs('Data')).toBe(blobs);
    expect((await connections.queues('Data')).accountName).toBe('mine');
  });

  it('opens an address with an identity', async () => {
    const connections = createStorageConnections({
      Data__blobServiceUri: 'https://one.blob.core.windows.net',
      Data__queueServiceUri: 'https://one.queue.core.windows.net',
      Data__credential: 'managedidentity',
      Data__clientId: 'b0b0',
      Host__accountName: 'two',
    });
    expect((await connections.blobs('Data')).url).toBe('https://one.blob.core.windows.net/');
    expect((await connections.queues('Data')).url).toBe('https://one.queue.core.windows.net');
    expect((await connections.blobs('Host')).url).toBe('https://two.blob.core.windows.net/');
  });

  it('names what is missing', async () => {
    const connections = createStorageConnections({});
    await expect(connections.blobs('Data')).rejects.toThrow("'AzureWebJobsData' is not configured");
  });
});
