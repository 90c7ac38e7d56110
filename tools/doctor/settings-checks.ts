import { Fault, Skipped, type Check } from './check.ts';
import type { Patient } from './patient.ts';

const AZURE_ADDRESS = /^https:\/\/[a-z0-9-]+\.(openai\.azure|cognitiveservices\.azure|services\.ai\.azure)\.com$/i;
const LOOPBACK = /^http:\/\/(127\.\d+\.\d+\.\d+|localhost):\d+$/;

/** The address of the Azure OpenAI resource without the path of the API. */
export const resourceAddress = ({ settings }: Patient): string =>
  (settings.AZURE_OPENAI_ENDPOINT ?? '').replace(/\/+$/, '').replace(/\/openai(\/v1)?$/, '');

export const isResourceAddress = (address: string): boolean => AZURE_ADDRESS.test(address) || LOOPBACK.test(address);

/** The form of the address, before anything is sent there. */
export const endpointForm: Check = {
  name: 'endpoint',
  run(patient) {
    const address = resourceAddress(patient);
    if (isResourceAddress(address)) return Promise.resolve(address);
    const regional = /\.api\.cognitive\.microsoft\.com/i.test(address);
    throw new Fault(
      `AZURE_OPENAI_ENDPOINT is '${address}'${regional ? ', which takes keys only' : ''}.`,
      "Set it to https://<subdomain>.openai.azure.com: 'Endpoint' of the resource in the portal; the resource needs a subdomain of its own.",
    );
  },
};

/** Three addresses and an identity for the host's account, two and the same for data: one missing stops the host, or a trigger, without a word. */
export const storageSettings: Check = {
  name: 'storage settings',
  run({ settings }) {
    const faults = [
      ...missing(settings, 'AzureWebJobsStorage', ['blobServiceUri', 'queueServiceUri', 'tableServiceUri']),
      ...missing(settings, 'DataStorage', ['blobServiceUri', 'queueServiceUri']),
      ...sameAccount(settings),
    ];
    if (faults.length === 0) return Promise.resolve('complete, two accounts');
    throw new Fault(
      faults.join('; '),
      'azd provision sets all of them; by hand: <name>__blobServiceUri, __queueServiceUri (host: __tableServiceUri), __credential=managedidentity, __clientId.',
    );
  },
};

function missing(settings: Patient['settings'], name: string, services: readonly string[]): string[] {
  if ((settings[name] ?? '') !== '') return [];
  const wanted = [...services, 'credential', 'clientId'].map((part) => `${name}__${part}`);
  const absent = wanted.filter((each) => (settings[each] ?? '') === '').map((each) => `${each} is missing`);
  const credential = settings[`${name}__credential`];
  if (credential !== undefined && credential !== '' && credential !== 'managedidentity')
    absent.push(`${name}__credential is '${credential}', not managedidentity`);
  return absent;
}

/** Durable's load on the host's account would slow down everybody's files. */
function sameAccount(settings: Patient['settings']): string[] {
  const [host, data] = [settings.AzureWebJobsStorage__blobServiceUri, settings.DataStorage__blobServiceUri];
  return host !== undefined && host !== '' && host.replace(/\/$/, '') === data?.replace(/\/$/, '')
    ? ['host and data are one account']
    : [];
}

/** Pairing of deployments: PDFs need the one, the image tool the other, and an allow-list must not lock either out. */
export const deploymentSettings: Check = {
  name: 'deployment settings',
  run({ settings }) {
    const {
      AZURE_OPENAI_DEPLOYMENT: text = '',
      AZURE_OPENAI_IMAGE_DEPLOYMENT: image = '',
      ALLOWED_MODELS = '',
    } = settings;
    const allowed = ALLOWED_MODELS.split(',').map((name) => name.trim());
    if (text === '') throw new Fault('AZURE_OPENAI_DEPLOYMENT is missing.', 'Set it to the name of a text deployment.');
    if (text === image) {
      throw new Fault(
        `Text and image deployment are both '${text}'.`,
        'Set AZURE_OPENAI_IMAGE_DEPLOYMENT to the deployment of an image model, AZURE_OPENAI_DEPLOYMENT to that of a text model.',
      );
    }
    if (ALLOWED_MODELS !== '' && !allowed.includes(text)) {
      throw new Fault(`ALLOWED_MODELS leaves out '${text}', which analyses PDFs.`, `Add '${text}' to ALLOWED_MODELS.`);
    }
    if (image === '') throw new Skipped(`${text}; no image deployment, so the image tool is refused`);
    return Promise.resolve(`${text}, images by ${image}`);
  },
};
