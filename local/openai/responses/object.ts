import type { Deployment } from '../deployments.ts';
import { inSeconds } from '../clock.ts';
import { KNOWN_FIELDS, type CreateRequest } from '../requests/schema.ts';
import { echoTools } from '../requests/tools.ts';
import type { WireResponse } from '../store/record.ts';

/** The response object before anything has happened: the request echoed, with the defaults filled in. */
export function newResponse(id: string, request: CreateRequest, deployment: Deployment, now: number): WireResponse {
  const background = or(request.background, false);
  return {
    id,
    object: 'response',
    created_at: inSeconds(now),
    status: background ? 'queued' : 'in_progress',
    background,
    completed_at: null,
    content_filters: null,
    error: null,
    frequency_penalty: 0,
    incomplete_details: null,
    instructions: or(request.instructions, null),
    max_output_tokens: or(request.max_output_tokens, null),
    max_tool_calls: or(request.max_tool_calls, null),
    model: request.model,
    output: [],
    parallel_tool_calls: or(request.parallel_tool_calls, true),
    presence_penalty: 0,
    previous_response_id: or(request.previous_response_id, null),
    prompt_cache_key: or(request.prompt_cache_key, null),
    prompt_cache_retention: or(request.prompt_cache_retention, null),
    reasoning: { ...request.reasoning, ...echoReasoning(request, deployment) },
    safety_identifier: or(request.safety_identifier, null),
    service_tier: or(request.service_tier, 'auto'),
    store: or(request.store, true),
    temperature: or(request.temperature, 1),
    text: echoText(request.text),
    tool_choice: or(request.tool_choice, 'auto'),
    tools: echoTools(request.tools),
    top_logprobs: or(request.top_logprobs, 0),
    top_p: or(request.top_p, 1),
    truncation: or(request.truncation, 'disabled'),
    usage: null,
    user: or(request.user, null),
    metadata: or(request.metadata, {}),
    ...strangers(request),
  };
}

/** The value that was sent, or the default for none or null. */
const or = <T, D>(value: T | null | undefined, fallback: D): T | D => value ?? fallback;

const echoReasoning = ({ reasoning }: CreateRequest, { defaultEffort }: Deployment) => ({
  effort: reasoning?.effort ?? defaultEffort,
  summary: reasoning?.summary ?? null,
});

function echoText(text: CreateRequest['text']): Record<string, unknown> {
  const echoed = { format: { type: 'text' }, verbosity: 'medium', ...given(text) };
  return echoed.format.type === 'json_schema' ? { ...echoed, format: { description: null, ...echoed.format } } : echoed;
}

/** The keys that hold something: null stands for the default. */
const given = (fields: Record<string, unknown> | null | undefined): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields ?? {}).filter(([, value]) => value != null));

/** Fields that nobody knows come back as they were sent. */
function strangers(request: CreateRequest): Record<string, unknown> {
  const names = Object.keys(request).filter((name) => !KNOWN_FIELDS.has(name));
  return Object.fromEntries(names.map((name) => [name, request[name]]));
}
