import { app } from '@azure/functions';
import { report } from './reports.ts';

/** Hooks around the app and around every invocation. */
export function register(): void {
  app.hook.appStart(() => report('lifecycle', 'appStart'));
  app.hook.preInvocation((context) => {
    if (context.invocationContext.functionName === 'hooked') context.inputs.push('from preInvocation');
  });
  app.hook.postInvocation((context) => {
    if (context.invocationContext.functionName === 'hooked' && context.error) {
      context.error = null;
      context.result = { status: 418, body: 'from postInvocation' };
    }
  });
  app.http('hooked', {
    authLevel: 'anonymous',
    handler: () => {
      throw new Error('the hook turns this into an answer');
    },
  });
}
