import { describe, expect, it } from 'vitest';
import { clientPayload, managementLinks } from '../../../../../local/host/durable/management/client-payload.ts';

const address = { origin: 'http://127.0.0.1:7071', hubName: 'My Hub', systemCode: 'a+b=' };

describe('the links of an orchestration', () => {
  it('carry task hub, connection and key', () => {
    const { statusQueryGetUri, terminatePostUri } = managementLinks(address, 'a b');
    expect(statusQueryGetUri).toBe(
      'http://127.0.0.1:7071/runtime/webhooks/durabletask/instances/a%20b?taskHub=My%20Hub&connection=Storage&code=a%2Bb%3D',
    );
    expect(terminatePostUri).toContain('/instances/a%20b/terminate?reason={text}&taskHub=');
  });

  it('have no key when the host asks for none', () => {
    const links = managementLinks({ ...address, systemCode: undefined }, 'id');
    expect(JSON.stringify(links)).not.toContain('code=');
  });
});

describe('the payload of the client binding', () => {
  it('has what the SDK looks for', () => {
    const payload: unknown = JSON.parse(clientPayload(address, 'http://127.0.0.1:1/durabletask/'));
    expect(payload).toMatchObject({
      taskHubName: 'My Hub',
      rpcBaseUrl: 'http://127.0.0.1:1/durabletask/',
      baseUrl: 'http://127.0.0.1:7071/runtime/webhooks/durabletask',
      requiredQueryStringParameters: 'code=a%2Bb%3D',
      managementUrls: { id: 'INSTANCEID' },
      creationUrls: {
        createNewInstancePostUri:
          'http://127.0.0.1:7071/runtime/webhooks/durabletask/orchestrators/{functionName}[/{instanceId}]?code=a%2Bb%3D',
      },
    });
  });
});
