import type { Reporter, TestModule } from 'vitest/node';

/** Prints `N passed, N failed` as the very last line, which is what `.ci/run` promises. */
export default class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    let passed = 0;
    let failed = unhandledErrors.length;
    let skipped = 0;
    for (const module of modules) {
      const before = passed + failed;
      for (const test of module.children.allTests()) {
        const state = test.result().state;
        if (state === 'passed') passed += 1;
        else if (state === 'failed') failed += 1;
        else skipped += 1;
      }
      // A file that could not even be loaded has no tests, yet it has failed.
      if (module.state() === 'failed' && passed + failed === before) failed += 1;
    }
    const line = `${String(passed)} passed, ${String(failed)} failed${skipped > 0 ? `, ${String(skipped)} skipped` : ''}`;
    // After vitest's own summary, which is written once every reporter has been called.
    process.once('exit', () => process.stdout.write(`${line}\n`));
  }
}
