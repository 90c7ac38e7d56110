import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listen, type RunningServer } from '../../../local/kit/server.ts';
import { onCoreTools } from '../support/running-host.ts';
import { HostProcess } from './host-process.ts';

/** What the service has been asked. */
const asked: string[] = [];
let polls = 0;
let service: RunningServer;
let host: HostProcess;

beforeAll(async () => {
  service = await listen(async (request, response) => {
    const chunks: string[] = [];
    for await (const chunk of request) chunks.push(String(chunk));
    const { method = '', url = '', headers } = request;
    asked.push(`${method} ${url} ${chunks.join('')}`.trim());
    if (url.startsWith('/token')) {
      response.end(JSON.stringify({ access_token: `token for ${url} ${String(headers['x-identity-header'])}` }));
    } else if (url === '/work') {
      response.writeHead(202, { location: '/work-status', 'retry-after': '0.01' }).end();
    } else if (url === '/work-status' && polls < 2) {
      polls += 1;
      response.writeHead(202, { location: '/work-status', 'retry-after': '0.01' }).end();
    } else if (url === '/broken') {
      response.destroy();
    } else {
      response.writeHead(url === '/teapot' ? 418 : 200).end(headers.authorization ?? 'done');
    }
  });
  const environment = { IDENTITY_ENDPOINT: `${service.address}/token`, IDENTITY_HEADER: 'the-header' };
  host = await HostProcess.start({ environment });
});
afterAll(async () => {
  await host[Symbol.asyncDispose]();
  await service.stop();
});

const call = (path: string, more: object = {}) =>
  host.hub.run('call-http', { method: 'GET', url: `${service.address}${path}`, ...more });

describe('callHttp', () => {
  it('sends what it is given, and takes any status for an answer', async () => {
    const answer = await call('/teapot', { method: 'PUT', body: { a: 1 } });
    expect(answer).toMatchObject({ output: { statusCode: 418, content: 'done' } });
    expect(asked).toContain('PUT /teapot {"a":1}');
  });

  it('polls where a 202 points to until the work is done', async () => {
    const answer = await call('/work', { method: 'POST', body: 'begin' });
    expect(answer).toMatchObject({ runtimeStatus: 'Completed', output: { statusCode: 200, content: 'done' } });
    expect(asked.filter((each) => each.includes('/work'))).toEqual([
      'POST /work begin',
      'GET /work-status',
      'GET /work-status',
      'GET /work-status',
    ]);
  });

  it('does not poll when it is told not to', async () => {
    expect(await call('/work', { enablePolling: false })).toMatchObject({ output: { statusCode: 202 } });
  });

  it.skipIf(onCoreTools)('gets a token of the managed identity', async () => {
    const tokenSource = { kind: 'AzureManagedIdentity', resource: 'https://service' };
    expect(await call('/', { tokenSource })).toMatchObject({
      output: {
        content: 'Bearer token for /token?resource=https%3A%2F%2Fservice&api-version=2019-08-01 the-header',
      },
    });
  });

  it.skipIf(onCoreTools)('fails when nobody answers, and says who', async () => {
    expect(await call('/broken')).toMatchObject({
      runtimeStatus: 'Failed',
      output: expect.stringContaining(`GET ${service.address}/broken got no answer`) as unknown,
    });
  });
});
