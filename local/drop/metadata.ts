import { readFile } from 'node:fs/promises';
import { StartFailure } from '../world/start-failure.ts';

export interface Wishes {
  /** What to do with the document, instead of the default or `_prompt.md`. */
  prompt?: string;
  /** File with a JSON schema that the answer has to follow. */
  schema?: string;
  /** Deployment that analyses it. */
  model?: string;
}

/** All metadata of a blob, names and values (Azure Storage, "Setting and retrieving properties and metadata"). */
const METADATA_LIMIT_BYTES = 8 * 1024;

/**
 * Wishes as blob metadata: `prompt`, `schema`, `model`. Metadata are HTTP headers, so a value that is not plain ASCII
 * goes as base64url under the same name with `b64` at its end (names of metadata take no hyphen).
 * @throws StartFailure for a schema that cannot be read, or wishes that are too long for metadata.
 */
export async function metadataOf({ prompt, schema, model }: Wishes): Promise<Record<string, string>> {
  const values = { prompt, schema: schema === undefined ? undefined : await readSchema(schema), model };
  const metadata = Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [encode(name, value)])),
  );
  const bytes = Object.entries(metadata).reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (bytes > METADATA_LIMIT_BYTES) {
    throw new StartFailure(
      `--prompt and --schema are too long to travel with the file (${bytes} of ${METADATA_LIMIT_BYTES} bytes): ` +
        'put them into _prompt.md and _schema.json beside the files and drop the folder.',
    );
  }
  return metadata;
}

function encode(name: string, value: string): [string, string] {
  const isPlain = /^[\x20-\x7e]*$/.test(value) && value === value.trim();
  return isPlain ? [name, value] : [`${name}b64`, Buffer.from(value, 'utf8').toString('base64url')];
}

async function readSchema(file: string): Promise<string> {
  try {
    // Without the layout that people like and headers do not.
    return JSON.stringify(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    throw new StartFailure(
      `The schema ${file} cannot be used: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
