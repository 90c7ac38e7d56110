import { readFileSync } from 'node:fs';
import { at, listAt, textAt } from '../hooks/rest.ts';
import { Fault, Skipped, tokenFor, type Check } from './check.ts';
import type { Deployment, Patient } from './patient.ts';
import { isResourceAddress, resourceAddress } from './settings-checks.ts';

const COGNITIVE_API_VERSION = '2025-06-01';
const EVENT_GRID_API_VERSION = '2025-02-15';

interface Account {
  id: string;
  location: string;
}

/** An address of another form leads nowhere: the line `endpoint` is red, and nothing is tried there. */
function usableAddress(patient: Patient): string {
  const address = resourceAddress(patient);
  if (isResourceAddress(address)) return address;
  throw new Skipped('not tried: the address is wrong, see endpoint');
}

/** The Azure OpenAI account behind the endpoint, among all of the subscription. */
async function findAccount(patient: Patient, { resourceManager, subscriptionId }: Deployment): Promise<Account> {
  const path = `/subscriptions/${subscriptionId}/providers/Microsoft.CognitiveServices/accounts?api-version=${COGNITIVE_API_VERSION}`;
  const subdomain = new URL(usableAddress(patient)).hostname.split('.')[0];
  const found = listAt(await resourceManager.send('GET', path), 'value').find(
    (account) => textAt(account, 'properties', 'customSubDomainName') === subdomain,
  );
  if (found === undefined)
    throw new Skipped('the Azure OpenAI account lies in a subscription that cannot be seen from here');
  return { id: textAt(found, 'id'), location: textAt(found, 'location') };
}

/** Regions of the Responses API, by the table of docs/deploy.md: | region | app | Responses API | images |. */
export const responsesRegions = (file = 'docs/deploy.md'): Set<string> =>
  new Set(
    [...readFileSync(file, 'utf8').matchAll(/^\| (\w+) \| (?:yes|no) \| yes \| (?:yes|no) \|$/gm)].map(
      ([, name = '']) => name,
    ),
  );

export const region: Check = {
  name: 'region',
  async run(patient) {
    if (patient.deployment === undefined) throw new Skipped('only a deployment has one');
    const { location } = await findAccount(patient, patient.deployment);
    if (responsesRegions().has(location)) return location;
    throw new Fault(
      `Azure OpenAI is in ${location}, where the Responses API is not documented.`,
      'Move it: azd env set OPENAI_LOCATION <region of docs/deploy.md>, or EXISTING_OPENAI_ID of an account elsewhere.',
    );
  },
};

/** The deployments that the settings name are there, each of the right kind. */
export const deployments: Check = {
  name: 'deployments',
  async run(patient) {
    const { AZURE_OPENAI_DEPLOYMENT: text = '', AZURE_OPENAI_IMAGE_DEPLOYMENT: image = '' } = patient.settings;
    const wanted = image === '' ? [text] : [text, image];
    const models = await modelsOf(patient, wanted);
    const missing = wanted.filter((name) => models.get(name) === undefined);
    if (missing.length > 0) {
      throw new Fault(
        `There is no deployment ${missing.join(', no ')}.`,
        'Make it (TEXT_MODEL, IMAGE_MODEL, azd provision), or set AZURE_OPENAI_DEPLOYMENT and AZURE_OPENAI_IMAGE_DEPLOYMENT to the names that are there.',
      );
    }
    if (image !== '' && !/image/.test(models.get(image) ?? '')) {
      throw new Fault(
        `${image} is a deployment of ${models.get(image) ?? ''}, which makes no images.`,
        'Set AZURE_OPENAI_IMAGE_DEPLOYMENT to one of a gpt-image model.',
      );
    }
    return wanted.map((name) => `${name} (${models.get(name) ?? ''})`).join(', ');
  },
};

/** Model by name of deployment. The simulator deploys every model under its own name. */
async function modelsOf(patient: Patient, names: readonly string[]): Promise<Map<string, string>> {
  if (patient.deployment === undefined) {
    const base = usableAddress(patient);
    const headers = { authorization: `Bearer ${await tokenFor(patient, 'https://ai.azure.com')}` };
    const found = await Promise.all(
      names.map(async (name) => {
        const answer = await fetch(`${base}/openai/v1/models/${encodeURIComponent(name)}`, { headers });
        return answer.ok ? [[name, name] as const] : [];
      }),
    );
    return new Map(found.flat());
  }
  const { id } = await findAccount(patient, patient.deployment);
  const path = `${id}/deployments?api-version=${COGNITIVE_API_VERSION}`;
  const listed = listAt(await patient.deployment.resourceManager.send('GET', path), 'value');
  return new Map(listed.map((each) => [textAt(each, 'name'), textAt(each, 'properties', 'model', 'name')]));
}

/** Event Grid tells the app of dropped PDFs; locally the container is looked through instead. */
export const events: Check = {
  name: 'event subscription',
  async run({ deployment }) {
    if (deployment === undefined) throw new Skipped('none is needed: the container is looked through');
    const { resourceManager, subscriptionId, resourceGroup, topicName } = deployment;
    const path = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.EventGrid/systemTopics/${topicName}/eventSubscriptions?api-version=${EVENT_GRID_API_VERSION}`;
    const listed = listAt(await resourceManager.send('GET', path), 'value');
    const ours = listed.filter((each) => textAt(each, 'name').startsWith('dropped-pdfs-'));
    const states = ours.map((each) => textAt(each, 'properties', 'provisioningState'));
    if (states.includes('Succeeded'))
      return `${textAt(ours[0], 'name')}, ${String(at(ours[0], 'properties', 'destination', 'endpointType'))}`;
    throw new Fault(
      ours.length === 0 ? 'There is none: dropped PDFs are only found by the timer.' : `It is ${states.join(', ')}.`,
      'azd hooks run postdeploy',
    );
  },
};
