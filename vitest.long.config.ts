import { defineConfig } from 'vitest/config';

/** The proofs that take minutes (`npm run test:long`): not part of `npm test`, which runs short versions of them. */
export default defineConfig({
  test: {
    include: ['test/long/**/*.test.ts'],
    reporters: ['default', './test/support/reporter.ts'],
    maxWorkers: 1,
    setupFiles: './test/support/answers/every-answer.ts',
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
  },
});
