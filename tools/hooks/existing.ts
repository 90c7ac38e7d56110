import { listAt, textAt, type Rest } from './rest.ts';

const OPENAI_API_VERSION = '2025-06-01';
const COSMOS_API_VERSION = '2024-11-15';

/**
 * What makes an Azure OpenAI account that was brought along unfit, each as a sentence with a way out.
 * @param id its resource id
 * @param wanted names of the deployments that the gateway will ask for
 */
export async function faultsOfAccount(resourceManager: Rest, id: string, wanted: readonly string[]): Promise<string[]> {
  const account = await resourceManager.send('GET', `${id}?api-version=${OPENAI_API_VERSION}`);
  const listed = await resourceManager.send('GET', `${id}/deployments?api-version=${OPENAI_API_VERSION}`);
  const there = listAt(listed, 'value').map((deployment) => textAt(deployment, 'name'));
  const missing = wanted.filter((name) => !there.includes(name));
  return [
    ...(textAt(account, 'properties', 'customSubDomainName') === ''
      ? [
          'The account of EXISTING_OPENAI_ID has no subdomain of its own and takes no tokens: give it one ("Networking").',
        ]
      : []),
    ...(missing.length > 0
      ? [
          `The account of EXISTING_OPENAI_ID has no deployment ${missing.join(', no ')}; it has ${there.join(', ') || 'none'}. ` +
            'Set TEXT_DEPLOYMENT and IMAGE_DEPLOYMENT to names that are there, or IMAGE_MODEL to none.',
        ]
      : []),
  ];
}

/** Capabilities of accounts that speak something else than the API for NoSQL. */
const OTHER_APIS = ['EnableCassandra', 'EnableGremlin', 'EnableMongo', 'EnableTable'];

/**
 * What makes a Cosmos DB account that was brought along unfit, likewise. The template cannot look at it, and the app would
 * not notice: with a weaker consistency a response made on one instance is sometimes unknown on the next.
 */
export async function faultsOfStore(resourceManager: Rest, id: string): Promise<string[]> {
  const account = await resourceManager.send('GET', `${id}?api-version=${COSMOS_API_VERSION}`);
  const consistency = textAt(account, 'properties', 'consistencyPolicy', 'defaultConsistencyLevel');
  const capabilities = listAt(account, 'properties', 'capabilities').map((capability) => textAt(capability, 'name'));
  return [
    ...(capabilities.some((name) => OTHER_APIS.includes(name)) || textAt(account, 'kind') === 'MongoDB'
      ? ['The account of EXISTING_COSMOS_ID is not one for NoSQL: bring another one, or none.']
      : []),
    ...(consistency === 'Strong'
      ? []
      : [
          `The account of EXISTING_COSMOS_ID has the consistency ${consistency}; the gateway needs Strong ("Default consistency").`,
        ]),
  ];
}
