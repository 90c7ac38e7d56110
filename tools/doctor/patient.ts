import { readFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { readEndpoints, type Endpoints } from '../../local/world/endpoints.ts';
import { trustCertificate } from '../../local/world/trust.ts';
import { accessToken, command } from '../hooks/commands.ts';
import { createRest, textAt, type Rest } from '../hooks/rest.ts';

/** Where the resources of a deployment are. */
export interface Deployment {
  resourceManager: Rest;
  subscriptionId: string;
  resourceGroup: string;
  appName: string;
  topicName: string;
}

/** A gateway that is examined. */
export interface Patient {
  /** Address of the app, without a trailing slash. */
  gateway: string;
  /** The app settings. */
  settings: Readonly<Record<string, string>>;
  /** Headers that let the doctor in. */
  credentials: Readonly<Record<string, string>>;
  /** Stands in everything that is made for a try, so that it can be told from work. */
  mark: string;
  /** A token for a service: locally of the app's own identity, in Azure of whoever is signed in. */
  token: (resource: string, settings: Readonly<Record<string, string>>) => Promise<string>;
  /** Absent for the local world. */
  deployment?: Deployment;
  /** Milliseconds since 1970, as this machine sees it. */
  now: () => number;
}

const newMark = (): string => `doctor-${randomBytes(6).toString('hex')}`;

/** The local world whose addresses are given. Its certificate is trusted from now on. */
export async function localPatient(endpoints: Endpoints): Promise<Patient> {
  if (endpoints.app === undefined) throw new Error('The local world has no host of its own: start it with npm start.');
  trustCertificate(await readFile(endpoints.caFile, 'utf8'));
  const { settings } = endpoints.app;
  const mark = newMark();
  return {
    gateway: endpoints.gateway,
    settings,
    credentials: { 'api-key': process.env.GATEWAY_KEY ?? mark },
    mark,
    token: managedIdentityToken,
    now: () => Date.now(),
  };
}

/** The world of a data folder; undefined when none has been started there. */
export async function findLocalPatient(folder: string): Promise<Patient | undefined> {
  const endpoints = await readEndpoints(folder);
  return endpoints && localPatient(endpoints);
}

/** As the identity library of the app asks for one (learn.microsoft.com, "Use managed identities for App Service"). */
async function managedIdentityToken(resource: string, settings: Patient['settings']): Promise<string> {
  const { IDENTITY_ENDPOINT: endpoint = '', IDENTITY_HEADER: header = '', AZURE_CLIENT_ID: clientId = '' } = settings;
  const query = new URLSearchParams({ 'api-version': '2019-08-01', resource, client_id: clientId });
  const answer = await fetch(`${endpoint}?${query.toString()}`, { headers: { 'x-identity-header': header } });
  if (!answer.ok) throw new Error(`the identity endpoint answers ${answer.status}`);
  return textAt(await answer.json(), 'access_token');
}

const appSetting = z.array(z.object({ name: z.string(), value: z.string().nullish() }));

/**
 * The deployment of the azd environment in this folder, seen by whoever is signed in with `az login`.
 * @throws {CommandFailed} in the words of `azd` or `az`.
 */
export async function deployedPatient(): Promise<Patient> {
  const values = readValues(await command('azd', ['env', 'get-values']));
  const value = (name: string): string => values[name] ?? '';
  const [resourceGroup, appName] = [value('AZURE_RESOURCE_GROUP'), value('GATEWAY_APP_NAME')];
  const subscriptionId = value('AZURE_SUBSCRIPTION_ID');
  const listed = await command('az', [
    ...['functionapp', 'config', 'appsettings', 'list', '-o', 'json'],
    ...['--subscription', subscriptionId, '--resource-group', resourceGroup, '--name', appName],
  ]);
  const settings = Object.fromEntries(
    appSetting.parse(JSON.parse(listed)).map((each) => [each.name, each.value ?? '']),
  );
  const token = (resource: string): Promise<string> => accessToken(resource, subscriptionId);
  const management = await token('https://management.azure.com/');
  return {
    gateway: value('GATEWAY_ADDRESS'),
    settings,
    credentials: await credentialsFor(settings, token),
    mark: newMark(),
    token,
    deployment: {
      resourceManager: createRest('https://management.azure.com', management),
      subscriptionId,
      resourceGroup,
      appName,
      topicName: value('EVENT_TOPIC_NAME'),
    },
    now: () => Date.now(),
  };
}

/** With AUTH_MODE=keys there is no key to be read anywhere: only hashes are kept. */
async function credentialsFor(
  settings: Patient['settings'],
  token: (resource: string) => Promise<string>,
): Promise<Record<string, string>> {
  const key = process.env.GATEWAY_KEY;
  if (key !== undefined) return { 'api-key': key };
  if (settings.AUTH_MODE !== 'entra') throw new Error('Set GATEWAY_KEY to a key of the gateway.');
  const audience = (settings.AUTH_AUDIENCE ?? '').split(',').find((each) => each.startsWith('api://'));
  return { authorization: `Bearer ${await token(audience ?? settings.AUTH_AUDIENCE ?? '')}` };
}

/** `NAME="value"`, one a line. */
const readValues = (text: string): Record<string, string> =>
  Object.fromEntries([...text.matchAll(/^(\w+)="(.*)"$/gm)].map(([, name = '', value = '']) => [name, value]));
