import { setTimeout as delay } from 'node:timers/promises';
import { app, output, trigger } from '@azure/functions';
import { report } from './reports.ts';

/** Functions that go wrong in every way that a host has to survive. */
export function register(): void {
  app.http('throws', {
    authLevel: 'anonymous',
    handler: () => {
      throw new Error('as it should');
    },
  });
  // The types forbid it, JavaScript apps do it.
  app.generic('nothing', {
    trigger: trigger.http({ authLevel: 'anonymous', methods: ['GET'] }),
    return: output.http({}),
    handler: () => undefined,
  });
  app.http('slow', {
    authLevel: 'anonymous',
    handler: async (request) => {
      report('slow', 'began');
      await delay(Number(request.query.get('ms') ?? '1000'));
      return { body: 'done' };
    },
  });
  app.http('crash', {
    authLevel: 'anonymous',
    handler: () => {
      setTimeout(() => {
        throw new Error('nobody catches this');
      }, 10);
      return { body: 'soon' };
    },
  });
  app.http('reject', {
    authLevel: 'anonymous',
    handler: () => {
      void Promise.reject(new Error('nobody awaits this'));
      return { body: 'soon' };
    },
  });
  app.http('busy', {
    authLevel: 'anonymous',
    handler: () => {
      const end = Date.now() + 300;
      while (Date.now() < end);
      return { body: 'done' };
    },
  });
}
