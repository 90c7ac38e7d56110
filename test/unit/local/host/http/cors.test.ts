import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyCors, corsRules } from '../../../../../local/host/http/cors.ts';
import { listen, type RunningServer } from '../../../../../local/kit/server.ts';

const ORIGIN = 'https://portal.example';

describe('CORS', () => {
  let server: RunningServer;
  let rules = corsRules('', false);
  beforeAll(async () => {
    server = await listen((request, response) => {
      if (!applyCors(rules, request, response)) response.end('answer');
    });
  });
  afterAll(() => server.stop());

  const call = (method = 'GET', headers: Record<string, string> = {}): Promise<Response> =>
    fetch(server.address, { method, headers: { origin: ORIGIN, ...headers } });
  const preflight = (): Promise<Response> =>
    call('OPTIONS', { 'access-control-request-method': 'PUT', 'access-control-request-headers': 'x-a' });

  it('adds nothing when it is off, or for an origin that is not listed', async () => {
    for (const origins of ['', 'https://other.example']) {
      rules = corsRules(origins, false);
      expect((await call()).headers.get('access-control-allow-origin')).toBeNull();
      expect(await (await preflight()).text()).toBe('answer');
    }
  });

  it('lets listed origins in, with credentials when asked to', async () => {
    rules = corsRules(`https://other.example, ${ORIGIN}/`, true);
    const { headers } = await call();
    expect(headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(headers.get('access-control-allow-credentials')).toBe('true');
    expect(headers.get('vary')).toBe('Origin');
  });

  it('answers a preflight request', async () => {
    rules = corsRules('*', false);
    const answer = await preflight();
    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(answer.headers.get('access-control-allow-methods')).toBe('PUT');
    expect(answer.headers.get('access-control-allow-headers')).toBe('x-a');
  });
});
