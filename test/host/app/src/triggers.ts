import { app, output, type InvocationContext, type Timer } from '@azure/functions';
import { ResourceFactoryResolver, type ModelBindingData } from '@azure/functions-extensions-base';
import { report } from './reports.ts';

const toQueue = output.storageQueue({ queueName: '%EXAMPLE_QUEUE%-out', connection: 'AzureWebJobsStorage' });
const toBlob = output.storageBlob({ path: 'copies/{name}.copy', connection: 'AzureWebJobsStorage' });
const toNamedBlob = output.storageBlob({ path: 'orders/{id}/{rand-guid}.json', connection: 'AzureWebJobsStorage' });

export function register(): void {
  blobs();
  queues();
  timers();
  app.http('enqueue', {
    methods: ['POST'],
    authLevel: 'anonymous',
    extraOutputs: [toQueue],
    handler: async (request, context) => {
      context.extraOutputs.set(toQueue, await request.json());
      return { status: 202 };
    },
  });
}

function blobs(): void {
  app.storageBlob('plainBlob', {
    path: 'inbox/{name}.{ext}',
    connection: 'AzureWebJobsStorage',
    return: toBlob,
    handler: (blob, context) => {
      const bytes = Buffer.isBuffer(blob) ? blob : undefined;
      report('plainBlob', { bytes: bytes?.toString('base64'), metadata: context.triggerMetadata });
      return bytes;
    },
  });
  // What an app does that wants the reference and not the bytes.
  ResourceFactoryResolver.getInstance().registerResourceFactory('AzureStorageBlobs', (data) => referenceOf(data));
  app.storageBlob('referencedBlob', {
    path: 'references/{name}',
    connection: 'AzureWebJobsStorage',
    sdkBinding: true,
    handler: (blob) => report('referencedBlob', blob),
  });
  app.storageBlob('eventBlob', {
    path: 'events/{name}',
    connection: 'AzureWebJobsStorage',
    source: 'EventGrid',
    handler: (blob, context) => report('eventBlob', [blob?.toString(), context.triggerMetadata?.name]),
  });
  app.storageBlob('poisonedBlob', {
    path: 'poisoned/{name}',
    connection: 'AzureWebJobsStorage',
    handler: () => {
      report('poisonedBlob', 'attempt');
      throw new Error('this blob never works');
    },
  });
}

function referenceOf(data: ModelBindingData | ModelBindingData[]): unknown {
  if (Array.isArray(data)) throw new Error('A blob trigger gets one blob.');
  const { version, source, contentType, content } = data;
  return { version, source, contentType, content: content?.toString() };
}

function queues(): void {
  app.storageQueue('plainMessage', {
    queueName: '%EXAMPLE_QUEUE%',
    connection: 'AzureWebJobsStorage',
    extraOutputs: [toQueue],
    handler: (message, context) => {
      report('plainMessage', { message, type: typeof message, metadata: context.triggerMetadata });
      context.extraOutputs.set(toQueue, [message, { second: true }]);
    },
  });
  app.storageQueue('orderMessage', {
    queueName: 'example-orders',
    connection: 'AzureWebJobsStorage',
    return: toNamedBlob,
    handler: (message) => message,
  });
  app.storageQueue('interruptedMessage', {
    queueName: 'example-interrupted',
    connection: 'AzureWebJobsStorage',
    handler: async (_message, context) => {
      report('interruptedMessage', context.triggerMetadata?.dequeueCount);
      if (context.triggerMetadata?.dequeueCount === 1) await new Promise(() => undefined);
    },
  });
  app.storageQueue('poisonedMessage', {
    queueName: 'example-poisoned',
    connection: 'AzureWebJobsStorage',
    handler: (_message, context) => {
      report('poisonedMessage', context.triggerMetadata?.dequeueCount);
      throw new Error('this message never works');
    },
  });
}

function timers(): void {
  app.timer('everySecond', {
    schedule: '* * * * * *',
    handler: (timer: Timer) => report('everySecond', timer),
  });
  app.timer('atStart', {
    schedule: '0 0 0 1 1 *',
    runOnStartup: true,
    extraOutputs: [toQueue],
    handler: (timer, context) => {
      report('atStart', timer);
      context.extraOutputs.set(toQueue, 'from a timer');
    },
  });
  app.timer('retried', {
    schedule: '0 0 0 1 1 *',
    retry: { strategy: 'fixedDelay', maxRetryCount: 2, delayInterval: { seconds: 1 } },
    handler: (_timer, context: InvocationContext) => {
      report('retried', context.retryContext);
      throw new Error('this timer never works');
    },
  });
}
