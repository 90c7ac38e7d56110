import { isObject, type JsonObject } from '../upstream/wire.ts';
import type { Part } from './record.ts';
import { maskTools } from './secrets.ts';

/**
 * The tools as the service echoes them, for the caller: without secrets, and with the files that the caller named where the
 * service was told others (a mask as data, an upload by its id there).
 */
export function echoTools(echoed: unknown, request: Part<JsonObject> | undefined): unknown {
  const sent: unknown = request !== undefined && 'inline' in request ? request.inline.tools : undefined;
  const masked = maskTools(echoed);
  if (!Array.isArray(masked) || !Array.isArray(sent)) return masked;
  const tools: unknown[] = masked;
  return tools.map((tool, index) => {
    const own: unknown = sent[index];
    return isObject(tool) && isObject(own) && own.type === tool.type ? withOwnFiles(tool, own) : tool;
  });
}

function withOwnFiles(tool: JsonObject, own: JsonObject): JsonObject {
  if (isObject(tool.input_image_mask)) return { ...tool, input_image_mask: own.input_image_mask };
  const { container } = own;
  if (!isObject(tool.container) || !isObject(container) || !('file_ids' in container)) return tool;
  return { ...tool, container: { ...tool.container, file_ids: container.file_ids } };
}
