import { StartError } from '../core/start-error.ts';

/** A blob trigger's path: which container it watches and which names it takes. */
export interface BlobPath {
  readonly container: string;
  /** The parts of the name that the path names; undefined when the blob is not meant. */
  match(blobName: string): Record<string, string> | undefined;
}

const TOKEN = /\{\{|\}\}|\{([^{}]+)\}|[.*+?^$|()[\]\\]/g;

/**
 * Reads `container/pattern`. A `{name}` takes as much as it can, slashes included; doubled braces are literal.
 * @throws StartError when the container is not literal
 */
export function compileBlobPath(path: string): BlobPath {
  const slash = path.indexOf('/');
  const container = slash < 0 ? path : path.slice(0, slash);
  const pattern = slash < 0 ? '' : path.slice(slash + 1);
  if (/[{}]/.test(container) || container === '') {
    throw new StartError(`The blob path "${path}" is invalid: the container of a blob trigger has to be a fixed name.`);
  }
  const names: string[] = [];
  const source = pattern.replaceAll(TOKEN, (token: string, name: string | undefined) => {
    if (token === '{{') return '\\{';
    if (token === '}}') return '\\}';
    if (name === undefined) return `\\${token}`;
    names.push(name);
    return '(.+)';
  });
  const expression = new RegExp(`^${source}$`, 's');
  return {
    container,
    match(blobName) {
      if (pattern === '') return {};
      const found = expression.exec(blobName);
      if (!found) return undefined;
      return Object.fromEntries(names.map((name, at) => [name, found[at + 1] ?? '']));
    },
  };
}
