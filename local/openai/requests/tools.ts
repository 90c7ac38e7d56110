import { DEPLOYMENTS } from '../deployments.ts';
import { CONTAINER_MAX_INPUT_FILES } from '../limits.ts';
import { deploymentNotFound, invalid, invalidValue, missingParameter, Refusal } from '../refusals.ts';
import type { CreateRequest } from './schema.ts';
import { checkStrictSchema } from './strict-schema.ts';

type Tool = NonNullable<CreateRequest['tools']>[number];

const REQUIRED: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    function: ['name'],
    custom: ['name'],
    code_interpreter: ['container'],
    mcp: ['server_label'],
    computer_use_preview: ['display_width', 'display_height', 'environment'],
    file_search: ['vector_store_ids'],
    namespace: ['name', 'description', 'tools'],
  }),
);

/** @throws Refusal 400 for tools that Azure would refuse. A type that nobody knows passes. */
export function checkTools(request: CreateRequest, imageDeployment: string | undefined): void {
  const tools = request.tools ?? [];
  tools.forEach((tool, index) => checkTool(tool, `tools[${index}]`));
  checkSearch(request.model, tools);
  checkChoice(request, tools);
  const images = tools.find(({ type }) => type === 'image_generation');
  if (images) checkImageTool(request, images, imageDeployment);
}

function checkTool(tool: Tool, param: string): void {
  for (const key of REQUIRED.get(tool.type) ?? []) {
    if (tool[key] == null) throw missingParameter(`${param}.${key}`);
  }
  if (tool.type === 'function') {
    const name = String(tool.name);
    if (!/^[\w-]{1,64}$/.test(name)) {
      throw invalidValue(
        `${param}.name`,
        `Invalid '${param}.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.`,
      );
    }
    if (tool.strict === true) checkStrictSchema(tool.parameters, `function '${name}'`, `${param}.parameters`);
  }
  if (tool.type === 'mcp' && tool.server_url == null && tool.connector_id == null) {
    throw invalid(
      "Missing mutually exclusive parameters: 'server_url' or 'connector_id'.",
      `${param}.server_url`,
      'missing_required_parameter',
    );
  }
  toolsIn(tool).forEach((inner, index) => checkTool(inner, `${param}.tools[${index}]`));
  if (tool.type === 'code_interpreter') checkContainer(tool.container, `${param}.container`);
}

const toolsIn = ({ type, tools }: Tool): Tool[] =>
  type === 'namespace' && Array.isArray(tools) ? tools.filter(isTool) : [];

const isTool = (tool: unknown): tool is Tool =>
  typeof tool === 'object' && tool !== null && 'type' in tool && typeof tool.type === 'string';

/** Microsoft's page on tool search: gpt-5.4 and later; what is deferred needs the tool that searches. */
function checkSearch(model: string, tools: readonly Tool[]): void {
  const searches = tools.some(({ type }) => type === 'tool_search');
  if (searches && !/^gpt-5\.[4-9]/.test(model)) {
    throw invalid("The tool 'tool_search' is not supported with this model.", 'tools', 'unsupported_tool');
  }
  const isDeferred = (tool: Tool): boolean => tool.defer_loading === true || toolsIn(tool).some(isDeferred);
  if (!searches && tools.some(isDeferred)) {
    throw invalid("Tools with 'defer_loading' need the tool 'tool_search'.", 'tools');
  }
}

function checkContainer(container: unknown, param: string): void {
  if (typeof container === 'string') return;
  if (typeof container !== 'object' || container === null || !('type' in container) || container.type !== 'auto') {
    throw invalid(
      `Invalid type for '${param}': expected a container id or an object of type 'auto'.`,
      param,
      'invalid_type',
    );
  }
  const files = 'file_ids' in container ? container.file_ids : undefined;
  if (Array.isArray(files) && files.length > CONTAINER_MAX_INPUT_FILES) {
    throw invalid(
      `Invalid '${param}.file_ids': array too long. Expected an array with maximum length ${CONTAINER_MAX_INPUT_FILES}, but got an array with length ${files.length} instead.`,
      `${param}.file_ids`,
      'array_above_max_length',
    );
  }
}

function checkChoice(request: CreateRequest, tools: readonly Tool[]): void {
  const choice = request.tool_choice;
  if (choice == null || choice === 'auto' || choice === 'none') return;
  if (choice === 'required') {
    if (tools.length > 0) return;
    throw invalid("Tool choice 'required' must be specified with 'tools' parameter.", 'tool_choice');
  }
  if (choice.type === 'allowed_tools') return;
  const matches = tools
    .flatMap((tool) => [tool, ...toolsIn(tool)])
    .some(
      (tool) =>
        tool.type === choice.type &&
        (typeof choice.name !== 'string' || tool.type === 'mcp' || tool.name === choice.name),
    );
  if (!matches) throw invalid(`Tool choice '${choice.type}' not found in 'tools' parameter.`, 'tool_choice');
}

function checkImageTool(request: CreateRequest, tool: Tool, deployment: string | undefined): void {
  if (deployment === undefined || deployment === '') {
    throw new Refusal(400, {
      message:
        'The image generation deployment is missing: send its name in the x-ms-oai-image-generation-deployment header.',
      type: 'image_generation_user_error',
      param: 'tools',
      code: 'invalid_request_error',
    });
  }
  if (DEPLOYMENTS.get(deployment)?.kind !== 'image') throw deploymentNotFound();
  if (request.stream === true) {
    throw invalid('The image generation tool does not support streaming mode.', 'stream', 'unsupported_parameter');
  }
  const mask = tool.input_image_mask;
  if (typeof mask === 'object' && mask !== null && 'file_id' in mask && mask.file_id != null) {
    throw invalid(
      'Image file ids are not supported on this resource: send the mask as data.',
      'tools',
      'unsupported_parameter',
    );
  }
  if (tool.action === 'edit' && !holdsImage(request.input)) {
    throw invalid('There is no image to edit: send it as input_image data in the same request.', 'tools');
  }
}

/** Whether an image stands in the request itself. */
function holdsImage(input: CreateRequest['input']): boolean {
  if (!Array.isArray(input)) return false;
  return input.some(({ type, content }) => {
    if (type === 'image_generation_call') return true;
    return Array.isArray(content) && content.some((part: unknown) => isImagePart(part));
  });
}

const isImagePart = (part: unknown): boolean =>
  typeof part === 'object' && part !== null && 'type' in part && part.type === 'input_image';

/** The tools as the response echoes them, as in recorded streams: defaults filled in, secrets taken out. */
export function echoTools(tools: unknown): Tool[] {
  const list: unknown[] = Array.isArray(tools) ? tools : [];
  return list.filter(isTool).map((tool) => {
    switch (tool.type) {
      case 'namespace':
        return { ...tool, tools: toolsIn(tool).map((inner) => (inner.type === 'mcp' ? echoMcp(inner) : inner)) };
      case 'function':
        return { description: null, strict: true, ...tool };
      case 'image_generation':
        return { ...IMAGE_DEFAULTS, ...tool };
      case 'mcp':
        return echoMcp(tool);
      case 'tool_search':
        return { description: null, parameters: null, ...tool };
      case 'web_search':
        return { filters: null, ...WEB_DEFAULTS, ...tool };
      case 'web_search_preview':
        return { ...WEB_DEFAULTS, ...tool };
      default:
        return tool;
    }
  });
}

const IMAGE_DEFAULTS = {
  background: 'auto',
  model: 'gpt-image-1',
  moderation: 'auto',
  n: 1,
  output_compression: 100,
  output_format: 'png',
  quality: 'auto',
  size: 'auto',
};

const WEB_DEFAULTS = {
  search_context_size: 'medium',
  user_location: { type: 'approximate', city: null, country: 'US', region: null, timezone: null },
};

function echoMcp({ authorization: _secret, headers, ...tool }: Tool): Tool {
  const masked =
    typeof headers === 'object' && headers !== null
      ? Object.fromEntries(Object.keys(headers).map((name) => [name, '<redacted>']))
      : null;
  return {
    allowed_tools: null,
    require_approval: 'always',
    server_description: null,
    ...tool,
    ...redactedAddress(tool),
    headers: masked,
  };
}

/** Of an address the service shows the host only, as recorded. */
function redactedAddress({ server_url }: Record<string, unknown>): { server_url?: string } {
  if (typeof server_url !== 'string' || !URL.canParse(server_url)) return {};
  const { origin, pathname, search } = new URL(server_url);
  return pathname === '/' && search === '' ? {} : { server_url: `${origin}/<redacted>` };
}
