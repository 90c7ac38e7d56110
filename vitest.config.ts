import { defineConfig } from 'vitest/config';

const exclude = ['test/long/**', '**/node_modules/**'];
const contract = ['test/contract/**/*.test.ts'];

export default defineConfig({
  test: {
    reporters: ['default', './test/support/reporter.ts'],
    // Most of a test's time is waiting for a state: four at a time keep two cores busy.
    maxWorkers: 4,
    // No test changes a module's state, so the files of a worker share what they import: a third of the time it took.
    isolate: false,
    // No answer of the gateway is read unchecked.
    setupFiles: './test/support/answers/every-answer.ts',
    // CI shares its two cores with whatever else runs there and may starve a child process for seconds.
    // What fails twice in a row is a fault; what fails once is listed as flaky and wants a look.
    retry: process.env.CI === 'true' ? 1 : 0,
    testTimeout: 30_000,
    hookTimeout: 120_000,
    teardownTimeout: 10_000,
    projects: [
      { extends: true, test: { name: 'own', include: ['test/**/*.test.ts'], exclude: [...exclude, ...contract] } },
      // They share one local world, which is started only when one of them runs.
      {
        extends: true,
        test: { name: 'contract', include: contract, exclude, globalSetup: './test/support/shared-world.ts' },
      },
    ],
  },
});
