import type { Endpoints } from '../../local/world/endpoints.ts';
import { alter, recordOf } from './records.ts';
import { simulatorControl } from './simulator.ts';

/** The service loses what it has of a response of the gateway. */
export async function forget(endpoints: Endpoints, responseId: string): Promise<void> {
  const record = await recordOf(endpoints, responseId);
  await simulatorControl(endpoints, 'POST', 'forget', { responseId: record?.service?.id });
}

/** The record says that another resource made the response: as after a move to another account or region. */
export const moveAway = (endpoints: Endpoints, responseId: string): Promise<void> =>
  alter(endpoints, responseId, { 'service/endpoint': 'https://elsewhere.openai.azure.com' });

/** The service loses an uploaded file that was never uploaded again. */
export const forgetFile = (endpoints: Endpoints, fileId: string): Promise<unknown> =>
  simulatorControl(endpoints, 'POST', 'forget', { fileId });
