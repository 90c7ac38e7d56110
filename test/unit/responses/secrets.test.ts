import { describe, expect, it } from 'vitest';
import { hasSecrets, maskTools } from '../../../src/responses/secrets.ts';

const TOOL = {
  type: 'mcp',
  server_label: 'docs',
  server_url: 'https://user:pw@mcp.example.com/mcp?token=t0p#t0p',
  authorization: 'secret-1',
  headers: { 'X-Key': 'secret-2' },
};

describe('maskTools', () => {
  it('leaves no secret of an MCP tool, and everything else', () => {
    const masked = maskTools([TOOL, { type: 'function', name: 'f' }]);
    expect(masked).toEqual([
      {
        type: 'mcp',
        server_label: 'docs',
        server_url: 'https://mcp.example.com/mcp',
        authorization: '***',
        headers: { 'X-Key': '***' },
      },
      { type: 'function', name: 'f' },
    ]);
  });

  it('does not touch the original, which the service still needs', () => {
    maskTools([TOOL]);
    expect(TOOL.authorization).toBe('secret-1');
  });
});

describe('an MCP tool of the wrong form, which the service refuses', () => {
  it.each([
    { headers: 'x-key: secret' },
    { headers: [['x-key', 'secret']] },
    { server_url: ['https://secret@a.example'] },
  ])('shows nothing of %j either', (wrong) => {
    const tools = [{ type: 'mcp', server_label: 'docs', ...wrong }];
    expect(JSON.stringify(maskTools(tools))).not.toContain('secret');
    expect(hasSecrets(tools)).toBe(true);
  });
});

describe('hasSecrets', () => {
  it.each([
    [{ ...TOOL, headers: undefined, authorization: undefined, server_url: 'https://mcp.example.com' }, false],
    [{ type: 'mcp', authorization: 'x' }, true],
    [{ type: 'mcp', headers: { a: 'b' } }, true],
    [{ type: 'mcp', headers: {} }, false],
    [{ type: 'mcp', server_url: 'https://a.example/?k=v' }, true],
    [{ type: 'mcp', server_url: 'https://a.example/#v' }, true],
    [{ type: 'mcp', server_url: 'no address' }, true],
    [{ type: 'function', authorization: 'not a secret here' }, false],
  ])('%j -> %s', (tool, expected) => {
    expect(hasSecrets([tool])).toBe(expected);
  });
});
