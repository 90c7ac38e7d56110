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

/** What Azure answers for fields that a background create did not set; nothing that strict readers want is null. */
export const QUEUED_DEFAULTS: JsonObject = {
  completed_at: null,
  error: null,
  frequency_penalty: 0,
  incomplete_details: null,
  instructions: null,
  max_output_tokens: null,
  max_tool_calls: null,
  metadata: {},
  parallel_tool_calls: true,
  presence_penalty: 0,
  prompt_cache_key: null,
  reasoning: null,
  safety_identifier: null,
  service_tier: 'auto',
  temperature: 1,
  text: { format: { type: 'text' } },
  tool_choice: 'auto',
  tools: [],
  top_logprobs: 0,
  top_p: 1,
  truncation: 'disabled',
  usage: null,
  user: null,
};

/** All that is known of a response by its record alone. */
export const bareEnvelope = (
  record: Pick<ChainRecord, 'id' | 'createdAt' | 'model' | 'parentId' | 'background'>,
): JsonObject => ({
  ...QUEUED_DEFAULTS,
  id: record.id,
  object: 'response',
  created_at: record.createdAt,
  background: record.background,
  model: record.model,
  previous_response_id: record.parentId,
  store: true,
});
