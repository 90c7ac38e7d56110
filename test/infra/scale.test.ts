import { describe, expect, it } from 'vitest';
import { property } from './bicep.ts';
import { Evaluation } from './evaluate.ts';
import { deploymentWith, fileAt, parametersOf } from './template.ts';

const file = fileAt('infra/modules/function-app.bicep');
const app = file.resources.find(({ symbol }) => symbol === 'app');
const scale = property(property(property(app?.body, 'properties'), 'functionAppConfig'), 'scaleAndConcurrency');

function alwaysReady(environment: Record<string, string>): unknown {
  const node = property(scale, 'alwaysReady');
  if (node === undefined) throw new Error('function-app.bicep does not say what is always ready.');
  const parameters = parametersOf(deploymentWith({ AUTH_AUDIENCE: 'x', ...environment }), 'app');
  return new Evaluation(file, { parameters }).value(node);
}

describe('the instances of the app', () => {
  it('are none at rest, unless asked for', () => {
    expect(alwaysReady({})).toEqual([]);
  });

  // The names are the platform's (Flex Consumption, "Per-function scaling"): with another one the deployment fails.
  it('are kept warm by group', () => {
    expect(alwaysReady({ ALWAYS_READY_INSTANCES: '2', ALWAYS_READY_BLOB: '1' })).toEqual([
      { name: 'http', instanceCount: 2 },
      { name: 'blob', instanceCount: 1 },
    ]);
    expect(alwaysReady({ ALWAYS_READY_DURABLE: '1' })).toEqual([{ name: 'durable', instanceCount: 1 }]);
  });
});

describe('the parts of the app', () => {
  // "Cannot modify this site because another operation is in progress" is what two at a time may end with.
  it('are written one after another', () => {
    const parts = file.resources.filter(({ body }) => property(body, 'parent')?.text === 'app');
    expect(parts.map(({ symbol }) => symbol)).toEqual(['appSettings', 'ftpPublishing', 'scmPublishing']);
    expect(parts.map(({ body }) => property(body, 'dependsOn')?.text)).toEqual([
      undefined,
      ...parts.slice(0, -1).map(({ symbol }) => `[${symbol}]`),
    ]);
  });
});
