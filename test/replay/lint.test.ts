import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { describe, expect, it } from 'vitest';

/** A rule that nobody sees to bite may have stopped to: an orchestrator with each of the things that replaying forbids. */
const FORBIDDEN = [
  ['the clock', 'export const made = Date.now();'],
  ['the clock by another way', 'export const made = new globalThis.Date();'],
  ['random', 'export const made = Math.random();'],
  ['the environment', 'export const made = process.env.MODEL;'],
  ['a timer', 'setTimeout(() => undefined, 1);'],
  ['I/O', "void fetch('http://127.0.0.1');"],
  ['a module of Node', "import { readFileSync } from 'node:fs';\nexport const made = readFileSync('x');"],
  ['a module that does I/O', "import { createJobs } from './jobs.ts';\nexport const made = createJobs;"],
  ['waiting', 'export const made = async (): Promise<void> => { await Promise.resolve(); };'],
] as const;

describe('lint of an orchestrator', () => {
  // Rules that need types take seconds to begin, and are not what this is about.
  const eslint = new ESLint({ overrideConfig: tseslint.configs.disableTypeChecked });
  const faultsOf = async (code: string): Promise<string[]> => {
    const [result] = await eslint.lintText(code, { filePath: 'src/background/orchestrator.ts' });
    return (result?.messages ?? []).map(({ ruleId }) => ruleId ?? 'unreadable');
  };

  it.each(FORBIDDEN)('forbids %s', async (_what, code) => {
    expect(await faultsOf(`${code}\n`)).toContainEqual(expect.stringMatching(/^no-restricted-/));
  });

  it('lets it import the schedule, and types of anything', async () => {
    const code = "import { later } from './schedule.ts';\nimport type { Jobs } from './jobs.ts';\n";
    expect(await faultsOf(`${code}export const made: { later: unknown; jobs?: Jobs } = { later };\n`)).toEqual([]);
  });
});
