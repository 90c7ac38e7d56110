import { expect, it } from 'vitest';
import { onCoreTools } from '../support/running-host.ts';
import { HostProcess } from './host-process.ts';

it.skipIf(onCoreTools)('asks for the extension’s key, and puts it into the links that it hands out', async () => {
  await using host = await HostProcess.start({ flags: ['--auth'] });
  expect((await host.hub.call('GET', 'instances')).status).toBe(401);
  const answer = await fetch(`${host.address}/start/chain?id=keyed`, { method: 'POST', body: '1' });
  const { statusQueryGetUri = '' } = (await answer.json()) as Record<string, string>;
  expect(new URL(statusQueryGetUri).searchParams.get('code')).toMatch(/^[\w-]{20,}$/);
  expect((await fetch(statusQueryGetUri)).ok).toBe(true);
  expect((await fetch(statusQueryGetUri.replace(/code=[^&]*/, 'code=wrong'))).status).toBe(401);
});
