import { at, listAt, textAt, type Rest } from './rest.ts';

/** A model deployment that is about to be made. */
export interface WantedModel {
  model: string;
  version: string;
  sku: string;
  capacity: number;
  /** How to do without it, as a command. */
  otherwise: string;
}

/** Version of each image model; the same table is in infra/main.bicep. */
export const IMAGE_MODEL_VERSIONS: Readonly<Record<string, string>> = {
  'gpt-image-1': '2025-04-15',
  'gpt-image-1-mini': '2025-10-06',
  'gpt-image-1.5': '2025-12-16',
  'gpt-image-2': '2026-04-21',
};

const API_VERSION = '2025-06-01';

/**
 * What would make the deployment of the models fail, each as a sentence with a way out: a model that is not offered
 * there to this subscription, or quota that is used up. Asked beforehand, because a failed deployment costs ten minutes.
 */
export async function faultsOfModels(
  resourceManager: Rest,
  subscriptionId: string,
  location: string,
  wanted: readonly WantedModel[],
): Promise<string[]> {
  const place = `/subscriptions/${subscriptionId}/providers/Microsoft.CognitiveServices/locations/${location}`;
  const offers = listAt(await resourceManager.send('GET', `${place}/models?api-version=${API_VERSION}`), 'value');
  const usages = listAt(await resourceManager.send('GET', `${place}/usages?api-version=${API_VERSION}`), 'value');
  return wanted.flatMap((model) => faultOf(model, location, offers, usages) ?? []);
}

function faultOf(
  wanted: WantedModel,
  location: string,
  offers: readonly unknown[],
  usages: readonly unknown[],
): string | undefined {
  const what = `${wanted.model} ${wanted.version} (${wanted.sku})`;
  const offered = offers.some(
    (offer) =>
      textAt(offer, 'model', 'name') === wanted.model &&
      textAt(offer, 'model', 'version') === wanted.version &&
      listAt(offer, 'model', 'skus').some((sku) => textAt(sku, 'name') === wanted.sku),
  );
  if (!offered) return `${what} is not offered to this subscription in ${location}. ${wanted.otherwise}`;
  // Quota is counted by kind of deployment and model, under names such as OpenAI.GlobalStandard.gpt-5.4-mini.
  const usage = usages.find((entry) => textAt(entry, 'name', 'value') === `OpenAI.${wanted.sku}.${wanted.model}`);
  if (usage === undefined) return undefined;
  const free = Number(at(usage, 'limit')) - Number(at(usage, 'currentValue'));
  if (free >= wanted.capacity) return undefined;
  return `${what} needs a quota of ${wanted.capacity} in ${location}, and ${free} is free. ${wanted.otherwise}`;
}
