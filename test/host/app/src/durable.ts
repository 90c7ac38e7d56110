import { app, output } from '@azure/functions';
import * as df from 'durable-functions';
import { report } from './reports.ts';

const toQueue = output.storageQueue({ queueName: 'example-durable', connection: 'AzureWebJobsStorage' });

export function register(): void {
  df.app.orchestration('greetings', function* (context) {
    const greetings: unknown[] = [];
    for (const name of ['Tokyo', 'London']) greetings.push(yield context.df.callActivity('greet', { name }));
    return greetings;
  });
  df.app.activity('greet', {
    extraOutputs: [toQueue],
    handler: ({ name }: { name: string }, context) => {
      report('greet', name);
      context.extraOutputs.set(toQueue, `Hello ${name}`);
      return { greeting: `Hello ${name}` };
    },
  });
  app.http('startGreetings', {
    methods: ['POST'],
    authLevel: 'anonymous',
    extraInputs: [df.input.durableClient()],
    handler: async (request, context) => {
      const client = df.getClient(context);
      const id = await client.startNew('greetings', { input: {} });
      return client.createCheckStatusResponse(request, id);
    },
  });
}
