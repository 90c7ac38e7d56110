import { StartFailure } from './start-failure.ts';

/** For commands without options: who asks for `--help` or says more than the name means something else than what they would do. */
export function refuseArguments(command: string): void {
  const [first] = process.argv.slice(2);
  if (first !== undefined) throw new StartFailure(`'${first}' is not understood. Usage: ${command}`);
}
