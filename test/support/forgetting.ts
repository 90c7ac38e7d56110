import type { Endpoints } from '../../local/world/endpoints.ts';
import type { ChainRecord } from '../../src/chains/record.ts';
import { chainIdOf } from './chains.ts';
import { simulatorControl } from './simulator.ts';
import { openDatabase } from './world.ts';

/** The service loses what it has of a response of the gateway. */
export async function forget(endpoints: Endpoints, responseId: string): Promise<void> {
  const database = await openDatabase(endpoints);
  const { resource } = await database.container('chains').item(responseId, chainIdOf(responseId)).read<ChainRecord>();
  await simulatorControl(endpoints, 'POST', 'forget', { responseId: resource?.service?.id });
}

/** The record says that another resource made the response: as after a move to another account or region. */
export async function moveAway(endpoints: Endpoints, responseId: string): Promise<void> {
  const database = await openDatabase(endpoints);
  const item = database.container('chains').item(responseId, chainIdOf(responseId));
  await item.patch([{ op: 'set', path: '/service/endpoint', value: 'https://elsewhere.openai.azure.com' }]);
}

/** The service loses an uploaded file that was never uploaded again. */
export const forgetFile = (endpoints: Endpoints, fileId: string): Promise<unknown> =>
  simulatorControl(endpoints, 'POST', 'forget', { fileId });
