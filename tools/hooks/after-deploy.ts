import { accessToken, command, CommandFailed, requiredSetting, runHook, say, setting } from './commands.ts';
import {
  findBlobFunction,
  removeOutdated,
  subscriptionNameFor,
  waitForApp,
  waitForBlobKey,
  type Place,
} from './event-subscription.ts';
import { createRest, until } from './rest.ts';
import { smokeTest } from './smoke-test.ts';

/**
 * The postdeploy hook: connects dropped PDFs to the running app and proves it with one.
 * Safe to run again at any time (`azd hooks run postdeploy`), and to be run after the app's keys were renewed.
 */
await runHook(async () => {
  const address = requiredSetting('GATEWAY_ADDRESS');
  const place: Place = {
    subscriptionId: requiredSetting('AZURE_SUBSCRIPTION_ID'),
    resourceGroup: requiredSetting('AZURE_RESOURCE_GROUP'),
    appName: requiredSetting('GATEWAY_APP_NAME'),
    topicName: requiredSetting('EVENT_TOPIC_NAME'),
  };
  say(`Waiting for ${address} ...`);
  await waitForApp(address);
  await connect(place);
  await prove(place.subscriptionId);
  say(`\nThe gateway is ready: ${requiredSetting('GATEWAY_BASE_URL')}`);
});

async function connect(place: Place): Promise<void> {
  const resourceManager = createRest(
    'https://management.azure.com',
    await accessToken('https://management.azure.com/', place.subscriptionId),
  );
  const functionName = await findBlobFunction(resourceManager, place);
  const name = subscriptionNameFor(await waitForBlobKey(resourceManager, place));
  say(`Connecting dropped PDFs to ${functionName} ...`);
  let refusal = '';
  await until({ limitMs: 10 * 60_000, intervalMs: 20_000 }, 'Event Grid did not accept the subscription.', async () => {
    try {
      await deploySubscription(place, name, functionName);
      return true;
    } catch (error) {
      // The handshake fails while the app is cold or restarts; anything else fails the same way ten minutes on.
      if (!(error instanceof CommandFailed)) throw error;
      refusal = error.message;
      return undefined;
    }
  }).catch((error: unknown) => {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${refusal}`);
  });
  for (const outdated of await removeOutdated(resourceManager, place, name)) {
    say(`Removed ${outdated}: its key is out of date.`);
  }
}

async function deploySubscription(place: Place, name: string, functionName: string): Promise<void> {
  await command('az', [
    ...['deployment', 'group', 'create', '--only-show-errors', '-o', 'none'],
    ...['--subscription', place.subscriptionId, '--resource-group', place.resourceGroup],
    ...['--name', 'event-subscription', '--template-file', 'infra/event-subscription.bicep', '--parameters'],
    `appName=${place.appName}`,
    `topicName=${place.topicName}`,
    `subscriptionName=${name}`,
    `functionName=${functionName}`,
    `pdfContainer=${requiredSetting('PDF_CONTAINER')}`,
    `hostAccountName=${requiredSetting('HOST_ACCOUNT_NAME')}`,
    `deadLetterContainer=${requiredSetting('DEAD_LETTER_CONTAINER')}`,
  ]);
}

async function prove(subscriptionId: string): Promise<void> {
  if (setting('SMOKE_TEST', 'true') === 'false') return;
  if (setting('PRIVATE_NETWORK') === 'true') {
    say(
      'No smoke test: the data account can only be reached from inside its network. docs/deploy.md says how to run it there.',
    );
    return;
  }
  say('Dropping a PDF and waiting for its analysis ...');
  const analysis = await smokeTest(
    {
      blobEndpoint: requiredSetting('DATA_BLOB_ENDPOINT'),
      pdfContainer: requiredSetting('PDF_CONTAINER'),
      token: await accessToken('https://storage.azure.com/', subscriptionId),
    },
    new Date().toISOString().replaceAll(/[:.]/g, '-'),
  );
  say(`Analysed: ${analysis}`);
}
