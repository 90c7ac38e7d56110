import { readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

describe('the house', () => {
  it('pins every dependency, so that two machines install the same', () => {
    const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Record<string, Record<string, string>>;
    const loose = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }).filter(
      ([, version]) => !/^(npm:[^@]+@)?\d+\.\d+\.\d+$|^file:/.test(version),
    );
    expect(loose).toEqual([]);
  });

  it('builds to less than 5 MB', () => {
    const bytes = ['index.cjs', 'worker.cjs'].map((file) => statSync(`dist/${file}`).size);
    expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThan(5_000_000);
  });
});
