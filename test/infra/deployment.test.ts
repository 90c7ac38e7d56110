import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { settings } from '../../src/platform/settings.ts';
import { Evaluation } from './evaluate.ts';
import { deploymentWith, mainFile, parametersFile, parametersOf, subscriptionFile } from './template.ts';

const text = (path: string): string => readFileSync(path, 'utf8');
const azureYaml: unknown = parse(text('azure.yaml'));
const scripts = /"scripts": \{([^}]*)\}/.exec(text('package.json'))?.[1] ?? '';
const hooks = readdirSync('tools/hooks').map((name) => text(`tools/hooks/${name}`));
const documentation = text('docs/deploy.md');

/** Values azd itself puts into the environment of a hook. */
const FROM_AZD = ['AZURE_ENV_NAME', 'AZURE_LOCATION', 'AZURE_SUBSCRIPTION_ID', 'AZURE_PRINCIPAL_ID'];

/** Values the hooks themselves understand, beside those of main.bicepparam. */
const OF_HOOKS = ['AUTH_ADMIT', 'AUTH_REGISTRATION', 'SMOKE_TEST'];

/** Every hook of azure.yaml, at both levels: its name, and what it runs in which shell. */
function hooksOf(value: unknown, path = ''): { hook: string; system: string; shell: unknown; run: string }[] {
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]) => {
    if (inner === null || typeof inner !== 'object') return [];
    const run = 'run' in inner && typeof inner.run === 'string' ? inner.run : undefined;
    const shell = 'shell' in inner ? inner.shell : undefined;
    return run === undefined ? hooksOf(inner, name) : [{ hook: path, system: name, shell, run }];
  });
}

const variables = [...text('infra/main.bicepparam').matchAll(/readEnvironmentVariable\('(\w+)'/g)].map(
  (match) => match[1] ?? '',
);

describe('azure.yaml', () => {
  it('runs the same npm script in sh and in PowerShell', () => {
    const every = hooksOf(azureYaml);
    expect([...new Set(every.map(({ hook }) => hook))]).toEqual(['prepackage', 'preprovision', 'postdeploy']);
    for (const hook of new Set(every.map((one) => one.hook))) {
      const [windows, posix] = ['windows', 'posix'].map((system) =>
        every.find((one) => one.hook === hook && one.system === system),
      );
      expect(windows?.shell, hook).toBe('pwsh');
      expect(posix?.shell, hook).toBe('sh');
      expect(windows?.run, hook).toBe(posix?.run);
      const script = /^npm run (?:--silent )?([\w:-]+)$/.exec(posix?.run ?? '')?.[1] ?? '(none)';
      expect(scripts, hook).toContain(`"${script}":`);
    }
  });

  it('names the service as the template tags the app', () => {
    const service = parametersOf(deploymentWith({ AUTH_AUDIENCE: 'x' }), 'app').serviceName;
    expect(azureYaml).toHaveProperty(['services', String(service), 'host'], 'function');
    expect(azureYaml).toHaveProperty(['services', String(service), 'remoteBuild'], false);
  });

  it('deploys the folder that is staged', () => {
    expect(azureYaml).toHaveProperty(['services', 'gateway', 'dist'], '.artifacts/app');
    expect(text('tools/stage.ts')).toContain("'.artifacts/app'");
  });

  // What a pipeline does not know falls back to its default with the next push: retention, models, who is told.
  it('hands a pipeline everything that can be set', () => {
    const pipeline = [...text('azure.yaml').matchAll(/^ {4}- (\w+)$/gm)].map((match) => match[1] ?? '');
    const known = new Set([...variables, ...OF_HOOKS].filter((name) => !FROM_AZD.includes(name)));
    expect(pipeline.toSorted()).toEqual([...known].toSorted());
  });
});

describe('.funcignore', () => {
  const lines = text('.funcignore').split('\n');

  it('keeps the sources and what is private at home', () => {
    expect(lines).toEqual(expect.arrayContaining(['src', 'test', 'infra', 'local.settings*.json', 'node_modules/*']));
  });

  it('does not name node_modules itself: azd would refuse remoteBuild: false', () => {
    expect(lines).not.toContain('node_modules');
    expect(lines).not.toContain('node_modules/');
  });

  it('lets through what the app is made of', () => {
    for (const needed of ['dist', 'host.json', 'package.json']) expect(lines).not.toContain(needed);
  });
});

describe('the hooks', () => {
  it('find every value they need: from azd, or as an output of the template', () => {
    const outputs = mainFile.outputs.map(({ name }) => name);
    const needed = hooks.flatMap((code) => [...code.matchAll(/requiredSetting\('(\w+)'\)/g)].map((match) => match[1]));
    expect(needed.length).toBeGreaterThan(5);
    expect(needed.filter((name) => ![...outputs, ...FROM_AZD].includes(name ?? ''))).toEqual([]);
  });

  it('ask for nothing that is neither an output nor a documented value', () => {
    const outputs = mainFile.outputs.map(({ name }) => name);
    const asked = hooks.flatMap((code) => [...code.matchAll(/\bsetting\('(\w+)'/g)].map((match) => match[1] ?? ''));
    expect(asked.filter((name) => ![...outputs, ...FROM_AZD, ...variables, ...OF_HOOKS].includes(name))).toEqual([]);
  });

  it('fall back to the defaults of main.bicepparam', () => {
    const defaults = new Map(
      [...text('infra/main.bicepparam').matchAll(/valueOr\(readEnvironmentVariable\('(\w+)', ''\), '([^']*)'\)/g)].map(
        (match) => [match[1], match[2]],
      ),
    );
    const own = hooks.flatMap((code) => [...code.matchAll(/\bsetting\('(\w+)', '([^']*)'\)/g)]);
    expect(own.length).toBeGreaterThan(3);
    const differing = own.filter(([, name, value]) => defaults.has(name) && defaults.get(name) !== value);
    expect(differing.map(([all]) => all)).toEqual([]);
  });

  it('hand event-subscription.bicep every parameter, and no others', () => {
    const passed = [...text('tools/hooks/after-deploy.ts').matchAll(/`(\w+)=\$\{/g)].map((match) => match[1]);
    expect(passed.toSorted()).toEqual(subscriptionFile.parameters.map(({ name }) => name).toSorted());
  });
});

describe('docs/deploy.md', () => {
  it('explains every value that can be set', () => {
    const own = variables.filter((name) => !FROM_AZD.includes(name) && !(name in settings));
    expect([...own, ...OF_HOOKS].filter((name) => !documentation.includes(`\`${name}\``))).toEqual([]);
  });

  it('names no value that does not exist', () => {
    const told = [...documentation.matchAll(/azd env set ([A-Z_]+)/g)].map((match) => match[1] ?? '');
    const known = [...variables, ...OF_HOOKS, ...FROM_AZD];
    expect(told.filter((name) => !known.includes(name))).toEqual([]);
  });

  it('has every role with its reason, as the list has them', () => {
    const reasons = [...text('infra/roles.json').matchAll(/"why": "([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(reasons.filter((why) => !documentation.includes(why))).toEqual([]);
  });

  it('points at files that are there', () => {
    const paths = [...documentation.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map((match) => match[1] ?? '');
    expect(paths.filter((path) => !existsSync(`docs/${path}`))).toEqual([]);
  });
});

describe('main.bicepparam', () => {
  it('takes what is set but empty for not set, as the pipelines of azd set it', () => {
    const empty = Object.fromEntries(variables.map((name) => [name, '']));
    const [given, none] = [empty, {}].map((environment) => new Evaluation(parametersFile, { environment }));
    const names = parametersFile.variables.map(({ name }) => name);
    expect(names.map((name) => given?.named(name))).toEqual(names.map((name) => none?.named(name)));
  });

  it('hands every further setting of the app on under its own name', () => {
    const [, block] = /param gatewaySettings = \{([^}]*)\}/.exec(text('infra/main.bicepparam')) ?? [];
    const pairs = [...(block ?? '').matchAll(/(\w+): readEnvironmentVariable\('(\w+)', ''\)/g)];
    expect(pairs.length).toBeGreaterThan(10);
    expect(pairs.filter(([, name, variable]) => name !== variable)).toEqual([]);
    expect(parametersFile.syntaxErrors).toEqual([]);
  });
});
