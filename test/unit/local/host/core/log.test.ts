import { describe, expect, it } from 'vitest';
import { createLog } from '../../../../../local/host/core/log.ts';

describe('the log of the host', () => {
  it('writes what the longest matching category lets through', () => {
    const lines: string[] = [];
    const levels = { default: 'warning', Function: 'information', 'Function.quiet': 'none' } as const;
    const log = createLog(
      () => levels,
      (line) => lines.push(line.replace(/^\[[^\]]+\] /, '')),
    );
    log('information', 'Host.Startup', 'no');
    log('error', 'Host.Startup', 'yes');
    log('information', 'Function.loud', 'yes');
    log('debug', 'Function.loud', 'no');
    log('critical', 'Function.quiet.User', 'no');
    log('information', 'Functional', 'no');
    expect(lines).toEqual(['Host.Startup: error: yes', 'Function.loud: yes']);
  });

  it('hides credentials', () => {
    const lines: string[] = [];
    const log = createLog(
      () => ({}),
      (line) => lines.push(line),
    );
    log('error', 'Host', 'cannot open AccountName=a;AccountKey=c2VjcmV0==;EndpointSuffix=x');
    log('error', 'Host', 'GET https://a.blob.core.windows.net/c?sv=1&sig=c2VjcmV0%3D&se=2');
    expect(lines.join()).not.toContain('c2VjcmV0');
    expect(lines[0]).toContain('AccountKey=[Hidden Credential];EndpointSuffix=x');
  });
});
