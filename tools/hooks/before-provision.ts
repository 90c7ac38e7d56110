import { accessToken, command, requiredSetting, runHook, say, setting } from './commands.ts';
import { faultsOfAccount, faultsOfStore } from './existing.ts';
import { faultsOfModels, IMAGE_MODEL_VERSIONS, type WantedModel } from './models.ts';
import { admit, ensureRegistration } from './registration.ts';
import { createRest, RestError, textAt, type Rest } from './rest.ts';

/**
 * The preprovision hook: finds out what would fail before anything is made, and makes the one thing Bicep cannot make
 * without the network at build time, the application in Microsoft Entra.
 */
await runHook(async () => {
  const subscriptionId = requiredSetting('AZURE_SUBSCRIPTION_ID');
  await pinBudgetMonth();
  const resourceManager = createRest(
    'https://management.azure.com',
    await accessToken('https://management.azure.com/', subscriptionId),
  );
  if (setting('PRIVATE_NETWORK') === 'true') {
    // Its subnets are delegated to this provider, which a template that never names it does not register.
    await resourceManager.send(
      'POST',
      `/subscriptions/${subscriptionId}/providers/Microsoft.App/register?api-version=2021-04-01`,
    );
  }
  await refuseUnfit(resourceManager);
  if (setting('EXISTING_OPENAI_ID') === '') {
    const location = setting('OPENAI_LOCATION', requiredSetting('AZURE_LOCATION'));
    const faults = await faultsOfModels(resourceManager, subscriptionId, location, wantedModels());
    // A second deployment finds its own deployments in the quota: then it is a warning, not a refusal.
    if (faults.length > 0 && setting('GATEWAY_APP_NAME') === '') throw new Error(faults.join('\n'));
    for (const fault of faults) say(`Note: ${fault}`);
  }
  if (setting('AUTH_MODE', 'entra') === 'entra') await prepareCallers(subscriptionId);
});

/** What was brought along must fit: the template cannot look at it, and what does not fit fails much later, or now and then. */
async function refuseUnfit(resourceManager: Rest): Promise<void> {
  const [account, store] = [setting('EXISTING_OPENAI_ID'), setting('EXISTING_COSMOS_ID')];
  const [text, image] = wantedModels();
  const wanted = [
    setting('TEXT_DEPLOYMENT', text.model),
    ...(image === undefined ? [] : [setting('IMAGE_DEPLOYMENT', image.model)]),
  ];
  const faults = [
    ...(account === '' ? [] : await faultsOfAccount(resourceManager, account, wanted)),
    ...(store === '' ? [] : await faultsOfStore(resourceManager, store)),
  ];
  if (faults.length > 0) throw new Error(faults.join('\n'));
}

/** Azure refuses to move the start of a budget, so the month of the first deployment is kept. */
async function pinBudgetMonth(): Promise<void> {
  if (Number(setting('MONTHLY_BUDGET', '0')) === 0 || setting('BUDGET_START_DATE') !== '') return;
  await command('azd', ['env', 'set', 'BUDGET_START_DATE', `${new Date().toISOString().slice(0, 7)}-01`]);
}

/** The text model, and the image model if there is to be one. */
function wantedModels(): [WantedModel] | [WantedModel, WantedModel] {
  const text: WantedModel = {
    model: setting('TEXT_MODEL', 'gpt-5.4-mini'),
    version: setting('TEXT_MODEL_VERSION', '2026-03-17'),
    sku: setting('TEXT_DEPLOYMENT_SKU', 'GlobalStandard'),
    capacity: Number(setting('TEXT_CAPACITY', '100')),
    otherwise: 'Set TEXT_MODEL and TEXT_MODEL_VERSION, TEXT_CAPACITY or OPENAI_LOCATION with azd env set.',
  };
  const imageModel = setting('IMAGE_MODEL', 'gpt-image-1.5');
  if (imageModel === 'none') return [text];
  return [
    text,
    {
      model: imageModel,
      version: IMAGE_MODEL_VERSIONS[imageModel] ?? '',
      sku: 'GlobalStandard',
      capacity: Number(setting('IMAGE_CAPACITY', '2')),
      otherwise: 'Do without images (azd env set IMAGE_MODEL none), or set IMAGE_MODEL or OPENAI_LOCATION.',
    },
  ];
}

async function prepareCallers(subscriptionId: string): Promise<void> {
  const toAdmit = setting('AUTH_ADMIT')
    .split(',')
    .filter((id) => id !== '');
  const ownRegistration = setting('AUTH_REGISTRATION') !== '';
  if (setting('AUTH_AUDIENCE') !== '' && !ownRegistration) {
    if (toAdmit.length > 0) say('Note: AUTH_ADMIT is left alone, because AUTH_AUDIENCE names your own registration.');
    return;
  }
  const token = await accessToken('https://graph.microsoft.com', subscriptionId);
  const graph = createRest('https://graph.microsoft.com', token);
  const name = setting('AUTH_REGISTRATION', `responses-gateway-${requiredSetting('AZURE_ENV_NAME')}`);
  try {
    const registration = await ensureRegistration(graph, name, appRole());
    await admit(graph, registration, [objectIdIn(token), ...toAdmit]);
    await command('azd', ['env', 'set', 'AUTH_REGISTRATION', name]);
    await command('azd', ['env', 'set', 'AUTH_AUDIENCE', `api://${registration.clientId},${registration.clientId}`]);
    say(`Callers are let in by the application ${name} (${registration.clientId}).`);
  } catch (error) {
    if (!(error instanceof RestError) || error.status !== 403) throw error;
    throw new Error(
      'You may not register applications in this directory. Either name an existing registration ' +
        '(azd env set AUTH_AUDIENCE api://...; docs/deploy.md says what it needs) or use keys (azd env set AUTH_MODE keys, and npm run keys).',
      { cause: error },
    );
  }
}

/** The role of a new registration; it has one also while nobody is asked for it. */
function appRole(): string {
  const role = setting('AUTH_APP_ROLE', 'Responses.Use');
  return role === 'none' ? 'Responses.Use' : role;
}

/** The object id of whoever the token was given to. The token is our own, so its signature is of no interest. */
function objectIdIn(token: string): string {
  const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
  return textAt(claims, 'oid');
}
