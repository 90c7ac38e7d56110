import { z } from 'zod';

/** Items and content parts as the API describes them. Unknown keys and unknown types pass: the surface grows. */
const text = z.string();
const itemStatus = z.enum(['in_progress', 'completed', 'incomplete']);

const annotation = z.looseObject({
  type: z.enum(['file_citation', 'url_citation', 'container_file_citation', 'file_path']),
});

export const outputPart = z.discriminatedUnion('type', [
  z.looseObject({
    type: z.literal('output_text'),
    text,
    annotations: z.array(annotation),
    logprobs: z.array(z.unknown()).optional(),
  }),
  z.looseObject({ type: z.literal('refusal'), refusal: text }),
]);

export const summaryPart = z.looseObject({ type: z.literal('summary_text'), text });

const executedBy = z.enum(['server', 'client']);

const safetyChecks = z.array(z.looseObject({ id: text }));

/** A tool as an MCP server lists it. `annotations` is there or not, never null: the AI SDK refuses the whole answer otherwise. */
const listedTool = z.looseObject({
  name: text,
  input_schema: z.looseObject({}),
  annotations: z.looseObject({}).optional(),
});

/** What each type must have besides `id` and `type`. */
const outputShapes = {
  message: { role: z.literal('assistant'), status: itemStatus, content: z.array(outputPart) },
  reasoning: { summary: z.array(summaryPart), encrypted_content: text.optional() },
  function_call: { call_id: text, name: text, arguments: text, status: itemStatus },
  custom_tool_call: { call_id: text, name: text, input: text },
  code_interpreter_call: {
    status: z.enum(['in_progress', 'completed', 'incomplete', 'interpreting', 'failed']),
    container_id: text,
    code: text.nullable(),
    outputs: z.array(z.looseObject({ type: text })).nullable(),
  },
  image_generation_call: {
    status: z.enum(['in_progress', 'generating', 'completed', 'failed']),
    result: z.base64().nullable(),
  },
  mcp_list_tools: {
    server_label: text,
    tools: z.array(listedTool),
    error: z.union([text, z.looseObject({})]).optional(),
  },
  mcp_call: {
    server_label: text,
    name: text,
    arguments: text,
    output: text.nullable(),
    error: z.union([text, z.looseObject({})]).nullable(),
    approval_request_id: text.nullable(),
  },
  mcp_approval_request: { server_label: text, name: text, arguments: text },
  computer_call: { call_id: text, status: itemStatus, pending_safety_checks: safetyChecks },
  compaction: { encrypted_content: text },
  tool_search_call: {
    call_id: text.nullable(),
    execution: executedBy,
    status: itemStatus,
    arguments: z.looseObject({}),
  },
  tool_search_output: {
    call_id: text.nullable(),
    execution: executedBy,
    status: itemStatus,
    tools: z.array(z.looseObject({ type: text })),
  },
  web_search_call: { status: text, action: z.looseObject({ type: text }) },
  file_search_call: { status: text, queries: z.array(text), results: z.array(z.looseObject({})).nullable() },
};

const begun = z.literal('in_progress');
const nothing = z.array(z.never());
const empty = z.literal('');
const notYet = z.null().optional();
const absent = z.never().optional();

/**
 * What each type has when it is announced: its place, and nothing in it yet. From the streams of Azure and OpenAI that were
 * recorded for the AI SDK (vercel/ai, `__fixtures__`). Types that are not here are announced whole.
 */
const begunShapes = {
  message: { role: z.literal('assistant'), status: begun, content: nothing },
  reasoning: { summary: nothing, content: nothing.optional(), encrypted_content: text.optional() },
  function_call: { call_id: text, name: text, arguments: empty, status: begun },
  custom_tool_call: { call_id: text, name: text, input: empty },
  tool_search_call: { call_id: text.nullable(), execution: executedBy, status: begun, arguments: z.strictObject({}) },
  code_interpreter_call: { status: begun, container_id: text, code: empty, outputs: nothing.nullable() },
  image_generation_call: { status: begun, result: absent, revised_prompt: absent },
  mcp_list_tools: { server_label: text, tools: nothing, error: notYet },
  mcp_call: { server_label: text, name: text, arguments: empty, output: z.null(), error: z.null() },
  web_search_call: { status: begun, action: z.looseObject({ query: absent }).optional() },
  file_search_call: { status: begun, queries: nothing, results: z.null() },
};

/** The schema of an item by its type; one of another type needs an id and a type, no more. */
function itemOf(shapes: Readonly<Record<string, z.ZodRawShape>>): z.ZodType {
  const schemas = new Map(
    Object.entries(shapes).map(([type, shape]) => [
      type,
      z.looseObject({ type: z.literal(type), id: text.min(1), ...shape }),
    ]),
  );
  return z.unknown().superRefine((value, context) => {
    const head = z.looseObject({ type: text, id: text.min(1) }).safeParse(value);
    const type = head.data?.type ?? '';
    const result = schemas.get(type)?.safeParse(value) ?? head;
    for (const { message, path } of result.error?.issues ?? []) {
      context.addIssue({ code: 'custom', message: `${type}: ${message}`, path: [...path] });
    }
  });
}

/** An item of `output`. */
export const outputItem = itemOf(outputShapes);

/** An item as a stream announces it. */
export const begunItem = itemOf({ ...outputShapes, ...begunShapes });

/**
 * An item of a list of input items: everything has an id and a type, because paging needs them; the content of a message is in
 * parts, however it was sent.
 */
export const listedItem = z.looseObject({ id: text.min(1), type: text }).superRefine(({ type, content }, context) => {
  if (type !== 'message' || z.array(z.looseObject({ type: text })).safeParse(content).success) return;
  context.addIssue({ code: 'custom', message: 'a message in parts', path: ['content'] });
});
