import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Evaluation } from './evaluate.ts';
import { deploymentWith, fileAt, parametersOf } from './template.ts';

const file = fileAt('infra/modules/alerts.bicep');
const rules = new Evaluation(file, { parameters: parametersOf(deploymentWith({ AUTH_AUDIENCE: 'x' }), 'alerts') });
const logged = readFileSync('src/platform/log.ts', 'utf8');

interface LogRule {
  name: string;
  query: string;
  operator: string;
  threshold: number;
}

const isLogRule = (value: unknown): value is LogRule =>
  value !== null && typeof value === 'object' && 'name' in value && 'query' in value && 'threshold' in value;

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const logRules = list(rules.named('logRules')).filter(isLogRule);

describe('the alerts', () => {
  it('cover failures, poison, dead letters, throttling and what never ends', () => {
    expect(list(rules.named('metricRules'))).toMatchObject([
      { name: 'server-errors' },
      { name: 'dead-letters' },
      { name: 'delivery-failures' },
      { name: 'openai-throttling' },
      { name: 'cosmos-throttling' },
    ]);
    expect(logRules.map(({ name }) => name)).toEqual([
      'gateway-failures',
      'timers-silent',
      'failed-documents',
      'poison',
      'stuck-responses',
    ]);
  });

  it('search for events that the gateway really logs', () => {
    const events = logRules.flatMap(({ query }) => [
      ...[...query.matchAll(/event == "([\w-]+)"/g)].map((match) => match[1] ?? ''),
      ...[...query.matchAll(/event in \(([^)]*)\)/g)].flatMap((match) => (match[1] ?? '').split(/[", ]+/)),
    ]);
    const wanted = events.filter((event) => event !== '');
    expect(wanted).toEqual(expect.arrayContaining(['failed', 'accepted', 'finished', 'document-finished']));
    expect(wanted.filter((event) => !logged.includes(`'${event}'`))).toEqual([]);
  });

  it('search fields that those lines have', () => {
    const fields = logRules.flatMap(({ query }) => [...query.matchAll(/line\.(\w+)/g)].map((match) => match[1] ?? ''));
    expect(fields.filter((field) => field !== 'msg' && !logged.includes(`${field}:`))).toEqual([]);
  });

  it('tell of what happens, and of silence: the line that is written every minute', () => {
    const silent = logRules.filter(({ operator }) => operator === 'LessThan');
    expect(silent).toMatchObject([{ name: 'timers-silent', threshold: 1 }]);
    const [, task = 'none'] = /line\.task\) == "(\w+)"/.exec(silent[0]?.query ?? '') ?? [];
    expect(readFileSync('src/maintenance/reconcile.ts', 'utf8')).toContain(`log.maintenance({ task: '${task}'`);
    expect(logRules.filter(({ operator }) => operator === 'GreaterThan')).toHaveLength(logRules.length - 1);
  });

  it('see every line: none of them is sampled away', () => {
    const [, excluded] = /"excludedTypes": "([^"]*)"/.exec(readFileSync('host.json', 'utf8')) ?? [];
    expect(excluded?.split(';')).toContain('Trace');
  });

  it('call a response stuck only after both of its ceilings', () => {
    const after = Number(parametersOf(deploymentWith({ AUTH_AUDIENCE: 'x' }), 'alerts').stuckAfterMinutes);
    const ceilings = [...readFileSync('src/platform/config.ts', 'utf8').matchAll(/'MAX_\w+_MINUTES', (\d+)/g)];
    expect(ceilings).toHaveLength(2);
    expect(after).toBeGreaterThan(ceilings.reduce((sum, match) => sum + Number(match[1]), 0));
  });
});
