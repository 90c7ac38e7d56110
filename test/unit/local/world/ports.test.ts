import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { listen } from '../../../../local/kit/server.ts';
import { rememberedPorts, rememberPorts, type Ports } from '../../../../local/world/ports.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ports-'));
});
afterAll(() => rm(folder, { recursive: true }));

const NONE: Ports = {
  identity: 0,
  cosmos: 0,
  openai: 0,
  dataBlob: 0,
  dataQueue: 0,
  dataTable: 0,
  hostBlob: 0,
  hostQueue: 0,
  hostTable: 0,
};

async function freePort(): Promise<number> {
  const server = await listen((_request, response) => void response.end());
  await server.stop();
  return server.port;
}

it('a first start takes free ports', async () => {
  expect(await rememberedPorts(join(folder, 'new'))).toEqual(NONE);
});

it('a later start comes back under the ports of the last one, but for one that somebody else has taken', async () => {
  const other = await listen((_request, response) => void response.end());
  const ports = { ...NONE, openai: await freePort(), cosmos: other.port };
  await rememberPorts(folder, ports);
  expect(await rememberedPorts(folder)).toEqual({ ...ports, cosmos: 0 });
  await other.stop();
});
