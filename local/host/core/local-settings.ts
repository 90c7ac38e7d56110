import { join } from 'node:path';
import { z } from 'zod';
import { readJsonFile } from './json-file.ts';
import { canonicalKeys } from './known-keys.ts';
import { StartError } from './start-error.ts';

const schema = z.object({
  IsEncrypted: z.boolean().default(false),
  Values: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String)).default({}),
  Host: z
    .object({
      LocalHttpPort: z.coerce.number().int().min(0).max(65_535).optional(),
      /** Origins, separated by commas; `*` for all. */
      CORS: z.string().default(''),
      CORSCredentials: z.boolean().default(false),
    })
    .prefault({}),
});

/** local.settings.json, checked. */
export type LocalSettings = z.infer<typeof schema>;

/**
 * Reads local.settings.json of an app; a missing file is an empty one.
 * @returns the settings, and a sentence for each one that this host does not know
 * @throws StartError when the file is wrong or encrypted
 */
export function readLocalSettings(appFolder: string): { settings: LocalSettings; warnings: string[] } {
  const path = join(appFolder, 'local.settings.json');
  const unknownKeys: string[] = [];
  // Keys of `Values` are names of environment variables: their case is kept.
  const parsed = schema.safeParse(canonicalKeys(readJsonFile(path) ?? {}, schema, unknownKeys));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new StartError(`${path} is invalid: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'wrong'}.`);
  }
  if (parsed.data.IsEncrypted) {
    throw new StartError(`${path} is encrypted: run "func settings decrypt" first.`);
  }
  const warnings = unknownKeys.map(
    (key) => `local.settings.json: this host does not know the setting "${key}" and ignores it.`,
  );
  return { settings: parsed.data, warnings };
}
