import { execFile } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';

const run = promisify(execFile);

/** The Bicep compiler: where `BICEP` says, or as `npm run bicep` brings it. Undefined where there is none. */
export const compiler = process.env.BICEP ?? globSync('node_modules/.cache/bicep/**/tools/**/bicep').find(existsSync);

const SUBSCRIPTION = '00000000-0000-0000-0000-000000000001';

const snapshot = z.object({
  predictedResources: z.array(z.looseObject({ type: z.string(), name: z.string() })),
  diagnostics: z.array(z.unknown()),
});

/** What a deployment would make, worked out by the compiler's copy of Azure's own template engine. */
export type Snapshot = z.infer<typeof snapshot>;

async function bicep(args: readonly string[], environment: Record<string, string> = {}): Promise<string> {
  if (compiler === undefined) throw new Error('There is no Bicep compiler.');
  const { PATH, HOME } = process.env;
  const { stderr } = await run(compiler, [...args], { env: { PATH, HOME, ...environment }, maxBuffer: 64 * 2 ** 20 });
  return stderr;
}

/** Everything that the compiler and its linter have to say about a file. */
export const compile = (path: string): Promise<string> =>
  bicep([path.endsWith('.bicepparam') ? 'build-params' : 'build', path, '--stdout']);

/**
 * The resources that `azd` would deploy with these values in its environment.
 * @throws Error with the template's own words when it refuses them
 */
export async function predict(environment: Record<string, string>): Promise<Snapshot> {
  // The compiler writes the snapshot beside the parameters.
  const folder = await mkdtemp(join(tmpdir(), 'infra-'));
  try {
    await cp('infra', folder, { recursive: true });
    const target = ['--subscription-id', SUBSCRIPTION, '--location', 'swedencentral', '--deployment-name', 'main'];
    const said = await bicep(
      ['snapshot', join(folder, 'main.bicepparam'), '--mode', 'overwrite', ...target],
      environment,
    );
    const text = await readFile(join(folder, 'main.snapshot.json'), 'utf8').catch(() => {
      throw new Error(said);
    });
    return snapshot.parse(JSON.parse(text));
  } finally {
    await rm(folder, { recursive: true });
  }
}
