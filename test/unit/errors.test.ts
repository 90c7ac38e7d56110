import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { catalogue, GatewayError } from '../../src/errors.ts';
import { renderError } from '../../src/http/render.ts';

const documented = readFileSync('docs/errors.md', 'utf8')
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .filter((cells) => /^[a-z_]+$/.test(cells[1] ?? '') && cells[1] !== 'error');

describe('the error catalogue', () => {
  it('is documented row by row, and nothing else is', () => {
    const rows = documented.map(([, name, status, code, fault, retry]) => ({ name, status, code, fault, retry }));
    const kinds = Object.entries(catalogue).map(([name, kind]) => ({
      name,
      // A refusal of the service is passed on with its own status and code.
      status: name === 'refused_by_service' ? '4xx' : String(kind.status),
      code: kind.code ?? "the service's",
      fault: kind.fault,
      retry: kind.retry,
    }));
    expect(rows).toEqual(kinds);
  });

  it('answers with the four keys of the API, whatever the service left out', () => {
    const error = new GatewayError('content_filter', 'blocked', {
      service: { status: 400, type: null, code: 'content_filter' },
    });
    expect(error.toBody()).toEqual({
      message: 'blocked',
      type: 'invalid_request_error',
      param: null,
      code: 'content_filter',
    });
  });

  it.each([
    ['conflict', 'x-should-retry', 'false'],
    ['rate_limited', 'retry-after', '7'],
  ] as const)('tells SDKs about %s by %s', (kind, header, value) => {
    const rendered = renderError(new GatewayError(kind, 'm', { retryAfterSeconds: 7 }));
    expect(new Headers(rendered.headers as Record<string, string>).get(header)).toBe(value);
  });

  it('leaves the SDK its own rule where trying again may help', () => {
    const rendered = renderError(new GatewayError('internal', 'm'));
    expect(new Headers(rendered.headers as Record<string, string>).has('x-should-retry')).toBe(false);
  });
});
