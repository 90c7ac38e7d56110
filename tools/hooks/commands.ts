import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A command of `az` or `azd` failed; the message holds what the command itself said. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
}

/** No quoting is needed for these characters in any shell; anything else is refused instead of being escaped. */
const PLAIN_ARGUMENT = /^[\w@.:/=,+~-]*$/;

/**
 * Runs `az` or `azd` and gives what it printed.
 * On Windows both may be batch files, which Node only starts through a shell: hence the narrow alphabet.
 * @throws {CommandFailed} with the command's own words.
 */
export async function command(tool: 'az' | 'azd', args: readonly string[]): Promise<string> {
  const odd = args.find((argument) => !PLAIN_ARGUMENT.test(argument));
  if (odd !== undefined) throw new CommandFailed(`'${odd}' holds characters that no shell takes unquoted.`);
  try {
    const { stdout } = await run(tool, [...args], { shell: process.platform === 'win32', maxBuffer: 16 * 1024 * 1024 });
    return stdout.trim();
  } catch (error) {
    throw new CommandFailed(wordsOf(tool, error));
  }
}

function wordsOf(tool: string, error: unknown): string {
  if (!(error instanceof Error)) return `${tool} failed.`;
  if ('code' in error && error.code === 'ENOENT') return `${tool} is not installed (see "Before" in docs/deploy.md).`;
  const words = 'stderr' in error && typeof error.stderr === 'string' ? error.stderr.trim() : '';
  return words === '' ? error.message : words;
}

/**
 * An access token of whoever is signed in with `az login`, from the tenant of the subscription that azd deploys to:
 * what `az` has chosen for itself may be another one, whose tokens Azure refuses there.
 */
export function accessToken(resource: string, subscriptionId: string): Promise<string> {
  return command('az', [
    ...['account', 'get-access-token', '--resource', resource, '--subscription', subscriptionId],
    ...['--query', 'accessToken', '-o', 'tsv'],
  ]);
}

/** A value of the azd environment, or the fallback when there is none. */
export function setting(name: string, fallback = ''): string {
  const value = process.env[name]?.trim();
  return value === undefined || value === '' ? fallback : value;
}

/** Values that azd asks for in `azd up` only: `azd provision` in a new environment runs the hook before it asks. */
const ASKED_FOR = ['AZURE_SUBSCRIPTION_ID', 'AZURE_LOCATION'];

/** @throws {CommandFailed} when the azd environment has no such value, with where it comes from. */
export function requiredSetting(name: string): string {
  const value = setting(name);
  if (value !== '') return value;
  const remedy = ASKED_FOR.includes(name)
    ? `azd up asks for it, or azd env set ${name} ...`
    : 'run azd provision first';
  throw new CommandFailed(`${name} is not in the azd environment: ${remedy}.`);
}

/** Runs a hook; a failure is told in one sentence, without a stack, and fails the azd command. */
export async function runHook(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

export const say = (sentence: string): void => {
  process.stdout.write(`${sentence}\n`);
};
