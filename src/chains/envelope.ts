import type { JsonObject } from '../upstream/wire.ts';
import { echoTools } from './echo.ts';
import type { ChainRecord } from './record.ts';

/** The service sometimes fails without a word (earendil-works/pi issue 6077); asking again usually helps. */
const UNEXPLAINED: JsonObject = {
  code: 'server_error',
  message: 'Azure OpenAI failed without saying why. Try again.',
};

/** What must be known of a record to give an answer in its words; without its request, tools are shown as the service echoes them. */
export type Answered = Pick<ChainRecord, 'id' | 'parentId'> & Partial<Pick<ChainRecord, 'request'>>;

/** The service's object in our ids. Keys that it did not send stay absent. */
export function toEnvelope(record: Answered, service: JsonObject): JsonObject {
  const envelope: JsonObject = { ...service, id: record.id };
  if ('previous_response_id' in service || record.parentId !== null) envelope.previous_response_id = record.parentId;
  if ('tools' in service) envelope.tools = echoTools(service.tools, record.request);
  if (service.status === 'failed' && service.error == null) envelope.error = UNEXPLAINED;
  return envelope;
}
