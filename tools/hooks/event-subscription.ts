import { createHash } from 'node:crypto';
import { at, listAt, textAt, until, type Patience, type Rest } from './rest.ts';

const WEB_API_VERSION = '2024-11-01';
const EVENT_GRID_API_VERSION = '2025-02-15';

/** Where the app is. */
export interface Place {
  subscriptionId: string;
  resourceGroup: string;
  appName: string;
  topicName: string;
}

const groupPath = (place: Place): string =>
  `/subscriptions/${place.subscriptionId}/resourceGroups/${place.resourceGroup}/providers`;

/** The first answer of a cold app may take a minute; a fresh role may take five. */
const START_PATIENCE: Patience = { limitMs: 10 * 60_000, intervalMs: 10_000 };

/**
 * Waits until the app answers at all. What it answers is of no interest, but for one thing: Event Grid's handshake only needs it awake.
 * @throws {Error} when it does not within ten minutes, or when it says that its settings are wrong, and which.
 */
export async function waitForApp(address: string, patience: Patience = START_PATIENCE): Promise<void> {
  const faults = await until(
    patience,
    `${address} does not answer. Look at the log stream of the function app.`,
    async () => {
      try {
        const answer = await fetch(`${address}/health`, { signal: AbortSignal.timeout(30_000) });
        if (answer.status < 502) return [];
        const said = listAt(await answer.json(), 'faults');
        return said.length === 0 ? undefined : said;
      } catch {
        // Not up yet, or a page of the platform's front end, which stands in while there is no instance: that is what the waiting is for.
        return undefined;
      }
    },
  );
  if (faults.length > 0) throw new Error(`The app is up, but its settings are wrong:\n- ${faults.join('\n- ')}`);
}

/**
 * The key that Event Grid sends along. The host makes it when a function with a blob trigger is loaded for the first time.
 * @throws {Error} when there is none within ten minutes: the app has loaded no such function.
 */
export async function waitForBlobKey(
  resourceManager: Rest,
  place: Place,
  patience: Patience = START_PATIENCE,
): Promise<string> {
  const path = `${groupPath(place)}/Microsoft.Web/sites/${place.appName}/host/default/listkeys?api-version=${WEB_API_VERSION}`;
  const tooLate =
    'The app has no key for blob events: it has loaded no function with a blob trigger. Its /health says what is wrong with its settings.';
  return until(patience, tooLate, async () => {
    const key = textAt(await resourceManager.send('POST', path), 'systemKeys', 'blobs_extension');
    return key === '' ? undefined : key;
  });
}

/**
 * The one function with a blob trigger that Event Grid feeds.
 * @throws {Error} when the platform knows none, or several.
 */
export async function findBlobFunction(
  resourceManager: Rest,
  place: Place,
  patience: Patience = START_PATIENCE,
): Promise<string> {
  const path = `${groupPath(place)}/Microsoft.Web/sites/${place.appName}/functions?api-version=${WEB_API_VERSION}`;
  const tooLate = 'The platform lists no function with a blob trigger: the package was not deployed, or did not load.';
  const names = await until(patience, tooLate, async () => {
    const functions = listAt(await resourceManager.send('GET', path), 'value');
    const fed = functions.filter((entry) => listAt(entry, 'properties', 'config', 'bindings').some(isFedByEventGrid));
    return fed.length === 0 ? undefined : fed.map((entry) => textAt(entry, 'properties', 'name') || lastPart(entry));
  });
  const [name, ...others] = names;
  if (name === undefined || others.length > 0)
    throw new Error(`Several functions wait for blobs: ${names.join(', ')}.`);
  return name;
}

const isFedByEventGrid = (binding: unknown): boolean =>
  textAt(binding, 'type').toLowerCase() === 'blobtrigger' && textAt(binding, 'source') === 'EventGrid';

const lastPart = (entry: unknown): string => textAt(entry, 'name').split('/').at(-1) ?? '';

/**
 * A name that changes with the key: Azure does not let the address of a subscription be changed, and the key is in it.
 * Eight hex digits of a hash tell nothing of the key.
 */
export const subscriptionNameFor = (key: string): string =>
  `dropped-pdfs-${createHash('sha256').update(key).digest('hex').slice(0, 8)}`;

/** Removes subscriptions that earlier keys left behind: they would be refused for ever, event by event. Says which. */
export async function removeOutdated(resourceManager: Rest, place: Place, current: string): Promise<string[]> {
  const path = `${groupPath(place)}/Microsoft.EventGrid/systemTopics/${place.topicName}/eventSubscriptions`;
  const answer = await resourceManager.send('GET', `${path}?api-version=${EVENT_GRID_API_VERSION}`);
  const outdated = listAt(answer, 'value')
    .map((entry) => at(entry, 'name'))
    .filter((name): name is string => typeof name === 'string' && name.startsWith('dropped-pdfs-') && name !== current);
  for (const name of outdated) {
    await resourceManager.send('DELETE', `${path}/${name}?api-version=${EVENT_GRID_API_VERSION}`);
  }
  return outdated;
}
