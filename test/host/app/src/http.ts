import { createHash } from 'node:crypto';
import { app, type HttpRequest, type HttpResponseInit } from '@azure/functions';

export function register(): void {
  app.http('echo', { route: 'echo/{first?}', methods: ['GET', 'POST', 'PUT'], authLevel: 'anonymous', handler: echo });
  for (const [name, route] of [
    ['literal', 'items/special'],
    ['constrained', 'items/{id:int}'],
    ['free', 'items/{name}'],
    ['rest', 'items/{*path}'],
  ] as const) {
    app.http(name, {
      route,
      methods: ['GET'],
      authLevel: 'anonymous',
      handler: ({ params }) => ({ jsonBody: { name, params } }),
    });
  }
  app.http('cookies', { authLevel: 'anonymous', handler: cookies });
  app.http('digest', { methods: ['POST'], authLevel: 'anonymous', handler: digest });
  app.http('where', { authLevel: 'anonymous', handler: where });
  app.http('secured', { methods: ['GET'], authLevel: 'function', handler: () => ({ body: 'function' }) });
  app.http('master', { methods: ['GET'], authLevel: 'admin', handler: () => ({ body: 'admin' }) });
  app.http('disabled', { authLevel: 'anonymous', handler: () => ({ body: 'should not be reachable' }) });
  app.http('binary', {
    authLevel: 'anonymous',
    handler: () => ({ status: 201, body: Buffer.from([0, 255, 1, 254]), headers: { 'content-type': 'image/x-test' } }),
  });
}

async function echo(request: HttpRequest): Promise<HttpResponseInit> {
  return {
    headers: { 'x-method': request.method },
    jsonBody: {
      url: request.url,
      params: request.params,
      query: [...request.query],
      test: request.headers.get('x-test'),
      body: request.method === 'GET' ? '' : await request.text(),
    },
  };
}

function cookies(): HttpResponseInit {
  return {
    cookies: [
      { name: 'plain', value: 'a b' },
      { name: 'full', value: 'v', path: '/api', secure: true, httpOnly: true, sameSite: 'Strict', maxAge: 60 },
    ],
  };
}

async function digest(request: HttpRequest): Promise<HttpResponseInit> {
  const bytes = Buffer.from(await request.arrayBuffer());
  return { jsonBody: { length: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') } };
}

function where(): HttpResponseInit {
  const { WEBSITE_HOSTNAME, FUNCTIONS_WORKER_RUNTIME, EXAMPLE_SETTING } = process.env;
  return { jsonBody: { folder: process.cwd(), WEBSITE_HOSTNAME, FUNCTIONS_WORKER_RUNTIME, EXAMPLE_SETTING } };
}
