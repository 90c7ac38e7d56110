import { z } from 'zod';

/**
 * The answer as the Open Responses specification (2026-04-24) wants it: stricter than OpenAI's own description.
 * Written from its published rules; the suite itself needs a network.
 */

const text = z.string();
const whole = z.number().int();

const annotation = z.looseObject({ type: text });
const outputPart = z.discriminatedUnion('type', [
  z.looseObject({
    type: z.literal('output_text'),
    text,
    annotations: z.array(annotation),
    logprobs: z.array(z.unknown()).optional(),
  }),
  z.looseObject({ type: z.literal('refusal'), refusal: text }),
]);
const summaryPart = z.looseObject({ type: z.literal('summary_text'), text });
const status = z.enum(['in_progress', 'completed', 'incomplete']);

/** Only these five: the items of hosted tools are outside of the specification. */
const item = z.discriminatedUnion('type', [
  z.looseObject({
    type: z.literal('message'),
    id: text,
    status,
    role: z.literal('assistant'),
    content: z.array(outputPart),
  }),
  z.looseObject({ type: z.literal('function_call'), id: text, status, call_id: text, name: text, arguments: text }),
  z.looseObject({ type: z.literal('function_call_output'), id: text, status, call_id: text }),
  z.looseObject({
    type: z.literal('reasoning'),
    id: text,
    summary: z.array(summaryPart),
    encrypted_content: text.optional(),
  }),
  z.looseObject({ type: z.literal('compaction'), id: text, encrypted_content: text }),
]);

const usage = z.looseObject({
  input_tokens: whole,
  output_tokens: whole,
  total_tokens: whole,
  input_tokens_details: z.looseObject({ cached_tokens: whole }),
  output_tokens_details: z.looseObject({ reasoning_tokens: whole }),
});

export const responseResource = z.looseObject({
  id: text,
  object: z.literal('response'),
  created_at: whole,
  completed_at: whole.nullable(),
  status: text,
  incomplete_details: z.looseObject({ reason: text }).nullable(),
  model: text,
  previous_response_id: text.nullable(),
  instructions: text.nullable(),
  output: z.array(item),
  error: z.looseObject({ code: text, message: text }).nullable(),
  tools: z.array(z.looseObject({ type: text })),
  tool_choice: z.union([
    z.enum(['auto', 'none', 'required']),
    z.looseObject({ type: z.enum(['function', 'allowed_tools']) }),
  ]),
  truncation: z.enum(['auto', 'disabled']),
  parallel_tool_calls: z.boolean(),
  text: z.looseObject({ format: z.looseObject({ type: text }) }),
  top_p: z.number(),
  presence_penalty: z.number(),
  frequency_penalty: z.number(),
  top_logprobs: whole,
  temperature: z.number(),
  reasoning: z.looseObject({}).nullable(),
  usage: usage.nullable(),
  max_output_tokens: whole.nullable(),
  max_tool_calls: whole.nullable(),
  store: z.boolean(),
  background: z.boolean(),
  service_tier: text,
  metadata: z.record(text, text),
  safety_identifier: text.nullable(),
  prompt_cache_key: text.nullable(),
});

const numbered = { sequence_number: whole };
const placed = { ...numbered, item_id: text, output_index: whole };
const inPart = { ...placed, content_index: whole };
const inSummary = { ...placed, summary_index: whole };
const lifecycle = ['created', 'queued', 'in_progress', 'completed', 'failed', 'incomplete'].map((name) =>
  z.looseObject({ type: z.literal(`response.${name}`), ...numbered, response: responseResource }),
);

/** The events that a client has to know. */
export const streamEvent = z.union([
  ...lifecycle,
  z.looseObject({
    type: z.literal('response.output_item.added'),
    ...numbered,
    output_index: whole,
    item: z.looseObject({ id: text, type: text }),
  }),
  z.looseObject({ type: z.literal('response.output_item.done'), ...numbered, output_index: whole, item }),
  z.looseObject({ type: z.literal('response.content_part.added'), ...inPart, part: outputPart }),
  z.looseObject({ type: z.literal('response.content_part.done'), ...inPart, part: outputPart }),
  z.looseObject({
    type: z.literal('response.output_text.delta'),
    ...inPart,
    delta: text,
    logprobs: z.array(z.unknown()),
  }),
  z.looseObject({ type: z.literal('response.output_text.done'), ...inPart, text, logprobs: z.array(z.unknown()) }),
  z.looseObject({
    type: z.literal('response.output_text.annotation.added'),
    ...inPart,
    annotation_index: whole,
    annotation,
  }),
  z.looseObject({ type: z.literal('response.refusal.delta'), ...inPart, delta: text }),
  z.looseObject({ type: z.literal('response.refusal.done'), ...inPart, refusal: text }),
  z.looseObject({ type: z.literal('response.function_call_arguments.delta'), ...placed, delta: text }),
  z.looseObject({ type: z.literal('response.function_call_arguments.done'), ...placed, arguments: text }),
  z.looseObject({ type: z.literal('response.reasoning_summary_part.added'), ...inSummary, part: summaryPart }),
  z.looseObject({ type: z.literal('response.reasoning_summary_part.done'), ...inSummary, part: summaryPart }),
  z.looseObject({ type: z.literal('response.reasoning_summary_text.delta'), ...inSummary, delta: text }),
  z.looseObject({ type: z.literal('response.reasoning_summary_text.done'), ...inSummary, text }),
  z.looseObject({
    type: z.literal('error'),
    ...numbered,
    error: z.looseObject({ type: text, code: text.nullable(), message: text, param: text.nullable() }),
  }),
]);

export const compaction = z.looseObject({
  id: text,
  object: z.literal('response.compaction'),
  created_at: whole,
  output: z.array(z.looseObject({ type: text })),
  usage,
});
