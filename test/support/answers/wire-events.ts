import { z } from 'zod';
import { begunItem, outputItem, outputPart, summaryPart } from './wire-items.ts';

const text = z.string();
const index = z.int().min(0);

const response = { response: z.looseObject({ id: text, object: z.literal('response') }) };
const placed = { item_id: text, output_index: index };
const inPart = { ...placed, content_index: index };
const inSummary = { ...placed, summary_index: index };
const inCommand = { output_index: index, command_index: index };
const logprobs = z.array(z.unknown());

const empty = z.literal('');
const nothing = z.array(z.never());
const reasoningPart = z.looseObject({ type: z.literal('reasoning_text'), text });

/** A part as it is announced. */
const begunPart = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('output_text'), text: empty, annotations: nothing, logprobs: nothing.optional() }),
  z.looseObject({ type: z.literal('refusal'), refusal: empty }),
  reasoningPart.extend({ text: empty }),
]);

/** The events of the API, and what each must carry besides `type` and `sequence_number`. */
const shapes: Readonly<Record<string, z.ZodRawShape>> = {
  'response.created': response,
  'response.queued': response,
  'response.in_progress': response,
  'response.completed': response,
  'response.failed': response,
  'response.incomplete': response,
  'response.output_item.added': { output_index: index, item: begunItem },
  'response.output_item.done': { output_index: index, item: outputItem },
  'response.content_part.added': { ...inPart, part: begunPart },
  'response.content_part.done': { ...inPart, part: z.union([outputPart, reasoningPart]) },
  'response.output_text.delta': { ...inPart, delta: text, logprobs },
  'response.output_text.done': { ...inPart, text, logprobs },
  'response.output_text.annotation.added': {
    ...inPart,
    annotation_index: index,
    annotation: z.looseObject({ type: text }),
  },
  'response.refusal.delta': { ...inPart, delta: text },
  'response.refusal.done': { ...inPart, refusal: text },
  'response.function_call_arguments.delta': { ...placed, delta: text },
  'response.function_call_arguments.done': { ...placed, arguments: text, name: text },
  'response.custom_tool_call_input.delta': { ...placed, delta: text },
  'response.custom_tool_call_input.done': { ...placed, input: text },
  'response.reasoning_text.delta': { ...inPart, delta: text },
  'response.reasoning_text.done': { ...inPart, text },
  'response.reasoning_summary_part.added': { ...inSummary, part: summaryPart.extend({ text: empty }) },
  'response.reasoning_summary_part.done': { ...inSummary, part: summaryPart },
  'response.reasoning_summary_text.delta': { ...inSummary, delta: text },
  'response.reasoning_summary_text.done': { ...inSummary, text },
  'response.code_interpreter_call_code.delta': { ...placed, delta: text },
  'response.code_interpreter_call_code.done': { ...placed, code: text },
  'response.image_generation_call.partial_image': {
    ...placed,
    partial_image_index: index,
    partial_image_b64: z.base64(),
  },
  'response.mcp_call_arguments.delta': { ...placed, delta: text },
  'response.mcp_call_arguments.done': { ...placed, arguments: text },
  'response.compaction.compacting': placed,
  'response.shell_call_command.added': { ...inCommand, command: text },
  'response.shell_call_command.delta': { ...inCommand, delta: text },
  'response.shell_call_command.done': { ...inCommand, command: text },
  'response.shell_call_output_content.delta': { ...placed, command_index: index, delta: z.looseObject({}) },
  'response.shell_call_output_content.done': { ...placed, command_index: index, output: z.array(z.looseObject({})) },
  'response.apply_patch_call_operation_diff.delta': { ...placed, delta: text },
  'response.apply_patch_call_operation_diff.done': { ...placed, diff: text },
  ...steps('response.file_search_call', ['in_progress', 'searching', 'completed']),
  ...steps('response.web_search_call', ['in_progress', 'searching', 'completed']),
  ...steps('response.code_interpreter_call', ['in_progress', 'interpreting', 'completed']),
  ...steps('response.image_generation_call', ['in_progress', 'generating', 'completed']),
  ...steps('response.mcp_list_tools', ['in_progress', 'completed', 'failed']),
  ...steps('response.mcp_call', ['in_progress', 'completed', 'failed']),
};

function steps(name: string, states: readonly string[]): Record<string, z.ZodRawShape> {
  return Object.fromEntries(states.map((state) => [`${name}.${state}`, placed]));
}

const schemas = new Map(
  Object.entries(shapes).map(([type, shape]) => [
    type,
    z.looseObject({ type: z.literal(type), sequence_number: index, ...shape }),
  ]),
);

/** An event of a stream. One of an unknown type is refused: `.stream()` of the SDK throws on it. */
export const streamEvent = z.looseObject({ type: text, sequence_number: index }).superRefine((value, context) => {
  const schema = schemas.get(value.type);
  if (schema === undefined) {
    context.addIssue({ code: 'custom', message: `'${value.type}' is no event of the API`, path: ['type'] });
    return;
  }
  for (const { message, path } of schema.safeParse(value).error?.issues ?? []) {
    context.addIssue({ code: 'custom', message: `${value.type}: ${message}`, path: [...path] });
  }
});

export const TERMINAL = /^response\.(completed|failed|incomplete)$/;
