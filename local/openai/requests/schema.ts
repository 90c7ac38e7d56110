import { z } from 'zod';
import { MIN_COMPACT_THRESHOLD_TOKENS, MIN_OUTPUT_TOKENS } from '../limits.ts';

/** What `include` may ask for, on every operation that takes it. */
export const INCLUDABLE = [
  'file_search_call.results',
  'web_search_call.results',
  'web_search_call.action.sources',
  'message.input_image.image_url',
  'computer_call_output.output.image_url',
  'code_interpreter_call.outputs',
  'reasoning.encrypted_content',
  'message.output_text.logprobs',
] as const;

const whole = z.number().int();
const looseItem = z.looseObject({});

const format = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('text') }),
  z.looseObject({ type: z.literal('json_object') }),
  z.looseObject({
    type: z.literal('json_schema'),
    name: z.string().regex(/^[\w-]{1,64}$/),
    schema: z.record(z.string(), z.unknown()),
    description: z.string().nullish(),
    strict: z.boolean().nullish(),
  }),
]);

const fields = {
  model: z.string(),
  input: z.union([z.string(), z.array(looseItem)]).nullish(),
  instructions: z.string().nullish(),
  previous_response_id: z.string().nullish(),
  conversation: z.unknown().optional(),
  prompt: z.unknown().optional(),
  store: z.boolean().nullish(),
  background: z.boolean().nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_obfuscation: z.boolean().nullish() }).nullish(),
  include: z.array(z.enum(INCLUDABLE)).nullish(),
  context_management: z
    .array(
      z.looseObject({
        type: z.literal('compaction'),
        compact_threshold: whole.min(MIN_COMPACT_THRESHOLD_TOKENS).nullish(),
      }),
    )
    .min(1)
    .nullish(),
  max_output_tokens: whole.min(MIN_OUTPUT_TOKENS).nullish(),
  max_tool_calls: whole.min(1).nullish(),
  tools: z.array(z.looseObject({ type: z.string() })).nullish(),
  tool_choice: z.union([z.enum(['none', 'auto', 'required']), z.looseObject({ type: z.string() })]).nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  reasoning: z
    .looseObject({
      effort: z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']).nullish(),
      summary: z.enum(['auto', 'concise', 'detailed']).nullish(),
    })
    .nullish(),
  text: z.looseObject({ format: format.nullish(), verbosity: z.enum(['low', 'medium', 'high']).nullish() }).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_logprobs: whole.min(0).max(20).nullish(),
  truncation: z.enum(['auto', 'disabled']).nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
  service_tier: z.enum(['auto', 'default', 'flex', 'scale', 'priority', 'fast', 'ultrafast']).nullish(),
  prompt_cache_key: z.string().nullish(),
  prompt_cache_retention: z.enum(['in_memory', 'in-memory', '24h']).nullish(),
  safety_identifier: z.string().nullish(),
  user: z.string().nullish(),
};

/** The create body. Keys that nobody knows stay. */
export const createSchema = z.looseObject(fields);
export type CreateRequest = z.infer<typeof createSchema>;

/** The compact body: what it shares with create means the same. */
export const compactSchema = z.looseObject({
  model: fields.model,
  input: fields.input,
  instructions: fields.instructions,
  previous_response_id: fields.previous_response_id,
  prompt_cache_key: z.string().max(64).nullish(),
});

/** The body of a token count: a create body whose every field may be missing. */
export const countSchema = z.looseObject({ ...fields, model: z.string().optional() });

/** The fields of the create body that have a meaning; the rest is echoed. */
export const KNOWN_FIELDS: ReadonlySet<string> = new Set(Object.keys(fields));
