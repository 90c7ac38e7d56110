/** Tools that name nothing at the service: what their schemas and grammars hold are the caller's own words. */
export const OWN_WORDS: ReadonlySet<string> = new Set([
  'function',
  'custom',
  'computer',
  'computer_use_preview',
  'web_search',
  'web_search_preview',
  'apply_patch',
  'local_shell',
]);

/** Fields with places of their own, and those that hold nothing but the caller's words. */
export const KNOWN_FIELDS: ReadonlySet<string> = new Set(['input', 'tools', 'metadata', 'text']);

/** Items of which we know where they name something at the service, if they do. */
export const KNOWN_ITEMS: ReadonlySet<string> = new Set([
  'message',
  'reasoning',
  'compaction',
  'compaction_trigger',
  'function_call',
  'function_call_output',
  'custom_tool_call',
  'custom_tool_call_output',
  'computer_call',
  'computer_call_output',
  'code_interpreter_call',
  'image_generation_call',
  'file_search_call',
  'web_search_call',
  'mcp_list_tools',
  'mcp_call',
  'mcp_approval_request',
  'mcp_approval_response',
  'local_shell_call',
  'local_shell_call_output',
  'shell_call',
  'shell_call_output',
  'apply_patch_call',
  'apply_patch_call_output',
  'tool_search_call',
  'tool_search_output',
  'additional_tools',
  'configuration_update',
]);

/** Items that bring tools with them. */
export const BRINGS_TOOLS: ReadonlySet<string> = new Set(['additional_tools', 'tool_search_output']);
