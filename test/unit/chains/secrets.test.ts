import { describe, expect, it } from 'vitest';
import { hasSecrets, holdsMask, maskTools, withoutMasked } from '../../../src/chains/secrets.ts';

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
        server_url: 'https://***@mcp.example.com/mcp?***#***',
        authorization: '***',
        headers: { 'X-Key': '***' },
      },
      { type: 'function', name: 'f' },
    ]);
  });

  it('finds them in tools inside of other tools', () => {
    const nested = [{ type: 'namespace', name: 'n', tools: [{ type: 'namespace', tools: [TOOL] }] }];
    const text = JSON.stringify(maskTools(nested));
    expect(text).not.toMatch(/secret-|t0p|pw/);
    expect(text).toContain('"server_label":"docs"');
    expect(hasSecrets(nested)).toBe(true);
  });

  it('does not touch the original, which the service still needs', () => {
    maskTools([TOOL]);
    expect(TOOL.authorization).toBe('secret-1');
  });
});

describe('a container with secrets for other domains', () => {
  const secret = { domain: 'api.example.com', name: 'API_KEY', value: 'secret-3' };
  const described = {
    type: 'auto',
    network_policy: { type: 'allowlist', allowed_domains: [], domain_secrets: [secret] },
  };

  it.each([
    { type: 'code_interpreter', container: described },
    { type: 'shell', environment: { ...described, type: 'container_auto' } },
    { type: 'namespace', name: 'n', tools: [{ type: 'code_interpreter', container: described }] },
  ])('shows their names only: %j', (tool) => {
    const text = JSON.stringify(maskTools([tool]));
    expect(text).not.toContain('secret-3');
    expect(text).toContain('{"domain":"api.example.com","name":"API_KEY","value":"***"}');
    expect(hasSecrets([tool])).toBe(true);
    expect(withoutMasked(maskTools([tool]))).toEqual([]);
  });

  it.each([{ network_policy: { type: 'disabled' } }, { file_ids: [] }, 'cntr_1', null])(
    'has none in %j',
    (container) => {
      const tools = [{ type: 'code_interpreter', container }];
      expect(maskTools(tools)).toEqual(tools);
      expect(hasSecrets(tools)).toBe(false);
    },
  );
});

describe('tools of which a masked copy was kept', () => {
  const plain = { type: 'function', name: 'f' };
  const empty = { type: 'namespace', name: 'empty', tools: [] };

  it('are left out, wherever they stand, and nothing else is', () => {
    const told = [
      TOOL,
      plain,
      { type: 'namespace', name: 'n', tools: [TOOL, plain] },
      { type: 'namespace', tools: [TOOL] },
      empty,
    ];
    expect(withoutMasked(maskTools(told))).toEqual([plain, { type: 'namespace', name: 'n', tools: [plain] }, empty]);
    expect(withoutMasked(told)).toEqual(told);
  });

  it.each([
    { authorization: 'x' },
    { headers: { a: 'b' } },
    { headers: 'a: b' },
    { server_url: 'https://a.example/mcp?k=v' },
    { server_url: 'https://a.example/mcp#v' },
    { server_url: 'https://u:p@a.example/mcp' },
    { server_url: 'https://a.example/1f0e8c52-7d1b-4d0a-9a6e-0c8a5a4f2b11/mcp' },
    { server_url: 'no address' },
  ])('are known by the mask: %j', (secret) => {
    const tool = { type: 'mcp', ...secret };
    expect(holdsMask(tool)).toBe(false);
    const [masked] = withoutMasked(maskTools([{ type: 'namespace', tools: [tool, plain] }]));
    expect(masked?.tools).toEqual([plain]);
    expect(maskTools(maskTools([tool]))).toEqual(maskTools([tool]));
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

describe('the address of an MCP server', () => {
  const masked = (server_url: string): unknown => maskTools([{ type: 'mcp', server_url }]);

  it.each([
    // As Zapier, n8n and Make, Composio, Smithery and others write the key into it.
    ['https://mcp.example/api/mcp/s/OGI3ZmQ2YzAtMTIzNC00NTY3LTg5YWIt/mcp', 'https://mcp.example/api/mcp/s/***/mcp'],
    ['https://mcp.example/mcp/1f0e8c52-7d1b-4d0a-9a6e-0c8a5a4f2b11', 'https://mcp.example/mcp/***'],
    [
      'https://mcp.example:8443/u/key-9f86d081884c7d659a2feaa0c55ad015/sse?x=1',
      'https://mcp.example:8443/u/***/sse?***',
    ],
    ['https://mcp.example/eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.x/', 'https://mcp.example/***/'],
  ])('%s is kept as %s', (address, kept) => {
    expect(masked(address)).toEqual([{ type: 'mcp', server_url: kept }]);
    expect(hasSecrets([{ type: 'mcp', server_url: address }])).toBe(true);
  });

  it.each([
    'https://contoso.com/Azure/azure-rest-api-specs',
    'https://MCP.example',
    'https://mcp.example/2025-03-26/model-context-protocol/v1beta2/mcp/',
    'https://learn.example/api/mcp/documentation2026internationalization',
    'https://mcp.example/tenants/12345678901234567890/mcp',
  ])('%s stays as it was written', (address) => {
    expect(masked(address)).toEqual([{ type: 'mcp', server_url: address }]);
    expect(hasSecrets([{ type: 'mcp', server_url: address }])).toBe(false);
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
