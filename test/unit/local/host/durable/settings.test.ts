import { describe, expect, it } from 'vitest';
import { parseDurableSettings } from '../../../../../local/host/durable/settings.ts';

describe('host.json, extensions.durableTask', () => {
  it('has the defaults of the real host', () => {
    const { settings, warnings } = parseDurableSettings({});
    expect(warnings).toEqual([]);
    expect(settings).toMatchObject({
      hubName: undefined,
      httpPollMs: 30_000,
      defaultVersion: null,
      replaceRunning: false,
      maxTimerMs: 6 * 86_400_000,
      timerPieceMs: 3 * 86_400_000,
    });
    expect(settings.maxConcurrentActivities % 10).toBe(0);
  });

  it('is read whatever the case of its keys, and whether numbers come as text', () => {
    const section = { HubName: 'Hub', maxconcurrentactivityfunctions: '4', MaxConcurrentOrchestratorFunctions: 2 };
    expect(parseDurableSettings(section).settings).toMatchObject({
      hubName: 'Hub',
      maxConcurrentActivities: 4,
      maxConcurrentOrchestrators: 2,
    });
  });

  it('may take the name of the task hub from an app setting', () => {
    const { settings } = parseDurableSettings({ hubName: '%HUB%' }, { HUB: 'FromSetting' });
    expect(settings.hubName).toBe('FromSetting');
    expect(() => parseDurableSettings({ hubName: '%HUB%' }, {})).toThrow(
      /hubName is %HUB%, but there is no app setting/,
    );
    expect(() => parseDurableSettings({ hubName: 'my-hub' })).toThrow(/'my-hub': it has to be 3 to 45 letters/);
  });

  it('may hold what has no meaning on one machine', () => {
    const section = { storageProvider: { type: 'mssql' }, tracing: {}, extendedSessionsEnabled: true };
    expect(parseDurableSettings(section).warnings).toEqual([]);
  });

  it('is told what this host does not know', () => {
    const { warnings } = parseDurableSettings({ notifications: {}, httpSettings: { other: 1 } });
    expect(warnings.map((warning) => /"(.*)"/.exec(warning)?.[1])).toEqual([
      'extensions.durableTask.notifications',
      'extensions.durableTask.httpSettings.other',
    ]);
  });

  it.each([
    [{ maxConcurrentActivityFunctions: 0 }, 'maxConcurrentActivityFunctions'],
    [{ hubName: 5 }, 'hubName'],
    [{ overridableExistingInstanceStates: 'Some' }, 'overridableExistingInstanceStates'],
  ])('is refused when a value is wrong: %j', (section, name) => {
    expect(() => parseDurableSettings(section)).toThrow(`host.json is invalid: extensions.durableTask.${name}`);
  });
});
