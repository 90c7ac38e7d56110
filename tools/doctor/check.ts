import type { Patient } from './patient.ts';

/** One thing that the gateway lives from. */
export interface Check {
  name: string;
  /** Gives what was found, in a few words. Throws {@link Fault} or {@link Skipped}; anything else is a fault without a remedy. */
  run: (patient: Patient) => Promise<string>;
}

/** Something is wrong, and this mends it. */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly fix: string;

  constructor(what: string, fix: string) {
    super(what);
    this.fix = fix;
  }
}

/** It could not be tried, or does not apply here. */
export class Skipped extends Error {
  override readonly name = 'Skipped';
}

export interface Finding {
  name: string;
  state: 'well' | 'fault' | 'skipped';
  /** What was found, or what is wrong. */
  text: string;
  fix?: string;
}

/** Tries one after the other, so that each is judged by what it does itself and not by the load of all. */
export async function* examine(patient: Patient, checks: readonly Check[]): AsyncGenerator<Finding> {
  for (const { name, run } of checks) {
    try {
      yield { name, state: 'well', text: await run(patient) };
    } catch (error) {
      yield { name, ...judge(error) };
    }
  }
}

function judge(error: unknown): Omit<Finding, 'name'> {
  if (error instanceof Skipped) return { state: 'skipped', text: error.message };
  if (error instanceof Fault) return { state: 'fault', text: error.message, fix: error.fix };
  const text = error instanceof Error ? `${error.message}${causeOf(error)}` : String(error);
  return { state: 'fault', text, fix: 'Check that the address can be reached from here, then run the doctor again.' };
}

const causeOf = ({ cause }: Error): string => (cause instanceof Error ? ` (${cause.message})` : '');

const SIGNS = { well: '✔', fault: '✖', skipped: '–' } as const;

/** One line for each finding, and under a fault how to mend it. */
export const show = ({ name, state, text, fix }: Finding): string =>
  `${SIGNS[state]} ${name.padEnd(NAME_WIDTH)} ${text}${fix === undefined ? '' : `\n  ${' '.repeat(NAME_WIDTH)} → ${fix}`}`;

const NAME_WIDTH = 22;

/** A token for a check that needs one to begin with. Without it the line `identity` is red, and this one is not tried. */
export async function tokenFor({ token, settings }: Patient, resource: string): Promise<string> {
  try {
    return await token(resource, settings);
  } catch (cause) {
    throw new Skipped('not tried: there is no token, see identity', { cause });
  }
}
