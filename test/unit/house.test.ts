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

  it('has a host.json that the real host takes, and in which Durable, the addresses and the time-out are what the app relies on', () => {
    const host: unknown = JSON.parse(readFileSync('host.json', 'utf8'));
    expect(host).toMatchObject({
      version: '2.0',
      functionTimeout: '00:30:00',
      extensionBundle: { id: 'Microsoft.Azure.Functions.ExtensionBundle', version: '[4.*, 5.0.0)' },
      extensions: {
        http: { routePrefix: '' },
        // Letters and digits only: it names tables and queues.
        durableTask: {
          hubName: expect.stringMatching(/^[A-Za-z][A-Za-z0-9]{2,44}$/),
          tracing: { traceInputsAndOutputs: false },
        },
      },
    });
  });
});
