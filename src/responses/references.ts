import { fileTypeFromBuffer } from 'file-type';
import type { Directory } from '../chains/directory.ts';
import type { FindItem, FoundItem } from '../chains/find-item.ts';
import { imageAsInput, imageLeftOut } from '../chains/rebuild-images.ts';
import type { ImageReference } from '../chains/record.ts';
import { holdsMask, withoutMasked } from '../chains/secrets.ts';
import { ownsContainer } from '../containers/entry.ts';
import { GatewayError } from '../errors.ts';
import { findFile, type FileEntry } from '../files/entry.ts';
import type { BlobShelf } from '../platform/blobs.ts';
import { isOwnItemId } from '../platform/ids.ts';
import { isObject, type Item, type JsonObject } from '../upstream/wire.ts';
import { BRINGS_TOOLS, KNOWN_FIELDS, KNOWN_ITEMS, OWN_WORDS } from './known-kinds.ts';
import { Lookups } from './lookups.ts';

export interface ReferenceDeps {
  directory: Directory;
  findItem: FindItem;
  /** The bytes of a stored image, checked. */
  readImage: (image: ImageReference) => Promise<Buffer>;
  /** Our copies of uploads. */
  files: Pick<BlobShelf, 'get'>;
  allowedVectorStores: readonly string[];
}

export interface Resolved {
  body: JsonObject;
  /** What the references in the input stand for, by their place: the record keeps that, so that it can be told without them. */
  referenced: ReadonlyMap<number, Item>;
}

/**
 * The body the service may see: every reference in it to state at the service was checked to be the caller's, item references
 * are replaced by the items themselves, and images given by file id by their bytes, because Azure takes no image files.
 * A body without references costs no read.
 * @throws `reference_not_found` for what is foreign or unknown: nobody can tell which.
 */
export type ResolveReferences = (owner: string, body: JsonObject) => Promise<Resolved>;

export function createResolveReferences(deps: ReferenceDeps): ResolveReferences {
  return async (owner, body) => {
    const lookups = new Lookups();
    const resolver = new Resolver(deps, owner, lookups);
    const referenced = new Map<number, Item>();
    const resolveItem = async (item: unknown, index: number): Promise<unknown> => {
      if (!isObject(item) || !isReference(item)) return resolver.item(item);
      const found = await resolver.find(item.id);
      referenced.set(index, found.item);
      return resolver.found(found);
    };
    const [input, tools, others] = await Promise.all([
      Array.isArray(body.input) ? Promise.all(body.input.map(resolveItem)) : body.input,
      Array.isArray(body.tools) ? Promise.all(body.tools.map((tool) => resolver.tool(tool))) : body.tools,
      resolver.others(body),
    ]).catch((error: unknown) => {
      lookups.stop();
      throw error;
    });
    return {
      body: {
        ...body,
        ...others,
        ...(input === undefined
          ? {}
          : { input: Array.isArray(input) ? input.filter((item) => item !== undefined) : input }),
        ...(tools === undefined ? {} : { tools }),
      },
      referenced,
    };
  };
}

/**
 * Whether an item is only named, so that the service would fetch the rest from what it keeps: by a reference, whose type may be
 * left out, or by a call or a thought without what it holds.
 */
export function isReference(item: JsonObject): item is JsonObject & { id: string } {
  if (typeof item.id !== 'string') return false;
  switch (item.type) {
    case 'item_reference':
      return true;
    case 'image_generation_call':
      return typeof item.result !== 'string';
    case 'reasoning':
      return typeof item.encrypted_content !== 'string';
    default:
      return item.type == null && item.role === undefined && item.content === undefined;
  }
}

/** An item without an id that only we know. */
function withoutOwnId(item: unknown): unknown {
  if (!isObject(item) || typeof item.id !== 'string' || !isOwnItemId(item.id)) return item;
  const { id: _id, ...rest } = item;
  return rest;
}

class Resolver {
  readonly #deps: ReferenceDeps;
  readonly #lookups: Lookups;
  readonly #findFile: (id: string) => Promise<FileEntry | undefined>;
  readonly #findItem: (id: string) => Promise<FoundItem | undefined>;
  readonly #ownsContainer: (id: string) => Promise<boolean>;
  /** A file by its blob: its base64, and the type that its bytes tell, if they do. */
  readonly #content: (blob: string) => Promise<{ base64: string; type: string | undefined } | undefined>;

  constructor(deps: ReferenceDeps, owner: string, lookups: Lookups) {
    this.#deps = deps;
    this.#lookups = lookups;
    this.#findFile = lookups.once((id) => findFile(deps.directory, owner, id));
    this.#findItem = lookups.once((id) => deps.findItem(owner, id));
    this.#ownsContainer = lookups.once((id) => ownsContainer(deps.directory, owner, id));
    this.#content = lookups.once(async (blob) => {
      const bytes = (await deps.files.get(blob))?.bytes;
      if (bytes === undefined) return undefined;
      return { base64: bytes.toString('base64'), type: (await fileTypeFromBuffer(bytes))?.mime };
    });
  }

  async item(item: unknown): Promise<unknown> {
    const light = withoutOwnId(item);
    if (!isObject(light)) return light;
    if (typeof light.type === 'string' && !KNOWN_ITEMS.has(light.type)) return this.#strange(light, 'input');
    await this.#containersNamed(light);
    const [content, output] = await Promise.all([this.#parts(light.content), this.#parts(light.output)]);
    const resolved = content === light.content && output === light.output ? light : { ...light, content, output };
    return BRINGS_TOOLS.has(String(light.type)) ? this.#broughtTools(resolved) : resolved;
  }

  /** The caller's item that a reference names. */
  async find(id: string): Promise<FoundItem> {
    const found = await this.#findItem(id);
    if (found === undefined) throw missing('Item', id, 'input');
    this.#lookups.take(found.image === undefined ? JSON.stringify(found.item).length : inBase64(found.image.bytes));
    return found;
  }

  /** That item as the service may see it. Azure edits no image that it is only told of: it is shown the picture. */
  async found({ item, image }: FoundItem): Promise<unknown> {
    if (item.type !== 'image_generation_call') return this.item(item);
    if (image !== undefined) return imageAsInput((await this.#deps.readImage(image)).toString('base64'));
    return typeof item.result === 'string' ? imageAsInput(item.result) : imageLeftOut();
  }

  /** The fields of a body that we do not know. */
  others(body: JsonObject): Promise<JsonObject> {
    return this.#strange(Object.fromEntries(Object.entries(body).filter(([name]) => !KNOWN_FIELDS.has(name))));
  }

  async tool(tool: unknown, param = 'tools'): Promise<unknown> {
    if (!isObject(tool)) return tool;
    switch (tool.type) {
      case 'code_interpreter':
        return { ...tool, container: await this.#container(tool.container, param) };
      case 'image_generation':
        return isObject(tool.input_image_mask)
          ? { ...tool, input_image_mask: await this.#image(tool.input_image_mask, param) }
          : tool;
      case 'mcp':
        // A tunnel is set up at the service, for whoever has the keys of the resource: that is none of our callers.
        if (tool.tunnel_id != null) throw notOffered('Tunnels', param);
        return tool;
      case 'file_search':
        this.#vectorStores(tool.vector_store_ids, param);
        return tool;
      default:
        return OWN_WORDS.has(String(tool.type)) ? tool : this.#strange(tool, param);
    }
  }

  /** A code interpreter goes on in the container of an earlier call: a call that names a foreign one would open it. */
  async #containersNamed(item: JsonObject): Promise<void> {
    const environment = isObject(item.environment) ? item.environment : {};
    const named = [item.container_id, environment.container_id].filter((id) => typeof id === 'string');
    await Promise.all(named.map((id) => this.#container(id, 'input')));
  }

  /** Tools of an earlier turn come without their secrets: those that had some are left out, the caller gives them anew. */
  async #broughtTools(item: JsonObject): Promise<JsonObject | undefined> {
    if (!holdsMask(item)) return this.#tools(item, 'input');
    const tools = withoutMasked(item.tools);
    // The output of a search is told even when it found nothing; an item that brings nothing is none.
    if (tools.length === 0 && item.type === 'additional_tools') return undefined;
    return this.#tools({ ...item, tools }, 'input');
  }

  async #tools(holder: JsonObject, param: string): Promise<JsonObject> {
    if (!Array.isArray(holder.tools)) return holder;
    return { ...holder, tools: await Promise.all(holder.tools.map((tool) => this.tool(tool, param))) };
  }

  /**
   * A tool, an item or a field that we do not know: it passes, but for what it names at the service. `param` is the field of the
   * body in which it stands; without one, the value holds those fields.
   */
  async #strange(value: JsonObject, param?: string): Promise<JsonObject> {
    const entries = Object.entries(value).map(async ([key, child]): Promise<[string, unknown]> => {
      const where = param ?? key;
      switch (key) {
        case 'file_id':
          return [key, typeof child === 'string' ? (await this.#file(child, where)).serviceFileId : child];
        case 'file_ids':
          return [key, await this.#files(child, where)];
        case 'container_id':
          return [key, typeof child === 'string' ? await this.#container(child, where) : child];
        case 'skill_id':
          // Skills are made at the service, where one identity stands behind all callers: nobody here has one.
          throw notOffered('Skills', where);
        case 'vector_store_ids':
          this.#vectorStores(child, where);
          return [key, child];
        case 'tools':
          return [key, (await this.#tools({ tools: child }, where)).tools];
        default:
          return [key, await this.#strangeChild(child, where)];
      }
    });
    return Object.fromEntries(await Promise.all(entries));
  }

  async #strangeChild(child: unknown, param: string): Promise<unknown> {
    if (Array.isArray(child)) return Promise.all(child.map((each) => this.#strangeChild(each, param)));
    return isObject(child) ? this.#strange(child, param) : child;
  }

  /** Content parts, or the output of a computer call: the places where files are named. */
  async #parts(content: unknown): Promise<unknown> {
    if (isObject(content)) return this.#part(content);
    if (!Array.isArray(content)) return content;
    const parts: unknown[] = content;
    const resolved = await Promise.all(parts.map((part) => (isObject(part) ? this.#part(part) : part)));
    return resolved.every((part, index) => part === parts[index]) ? content : resolved;
  }

  #part(part: JsonObject): Promise<JsonObject> | JsonObject {
    if (typeof part.file_id !== 'string') return part;
    if (part.type === 'input_image' || part.type === 'computer_screenshot') return this.#image(part, 'input');
    return this.#file(part.file_id, 'input').then((file) => ({ ...part, file_id: file.serviceFileId }));
  }

  async #image(part: JsonObject, param: string): Promise<JsonObject> {
    if (typeof part.file_id !== 'string') return part;
    const file = await this.#file(part.file_id, param);
    this.#lookups.take(inBase64(file.bytes));
    const content = await this.#content(file.blob);
    if (content === undefined) throw missing('File', part.file_id, param);
    const { file_id: _id, ...rest } = part;
    // Many clients upload without a type, or with a wrong one.
    return { ...rest, image_url: `data:${content.type ?? file.contentType};base64,${content.base64}` };
  }

  async #container(container: unknown, param: string): Promise<unknown> {
    if (typeof container === 'string') {
      if (!(await this.#ownsContainer(container))) throw missing('Container', container, param);
      return container;
    }
    return this.#strangeChild(container, param);
  }

  async #files(ids: unknown, param: string): Promise<unknown> {
    if (!Array.isArray(ids)) return ids;
    const list: unknown[] = ids;
    const files = await Promise.all(list.map((id) => this.#file(String(id), param)));
    return files.map((file) => file.serviceFileId);
  }

  #vectorStores(ids: unknown, param: string): void {
    const list: unknown[] = Array.isArray(ids) ? ids : [];
    const foreign = list.find((id) => typeof id !== 'string' || !this.#deps.allowedVectorStores.includes(id));
    if (foreign !== undefined)
      throw missing('Vector store', typeof foreign === 'string' ? foreign : '(no string)', param);
  }

  async #file(id: string, param: string): Promise<FileEntry> {
    const entry = await this.#findFile(id);
    if (entry === undefined) throw missing('File', id, param);
    return entry;
  }
}

/** How long so many bytes are as text. */
const inBase64 = (bytes: number): number => Math.ceil(bytes / 3) * 4;

const notOffered = (what: string, param: string): GatewayError =>
  new GatewayError('reference_not_found', `${what} of the service are not offered: nobody here owns one.`, { param });

const missing = (what: string, id: string, param: string): GatewayError =>
  new GatewayError('reference_not_found', `${what} with id '${id}' not found.`, { param });
