import { describe, expect, it } from 'vitest';
import { compile, compiler, predict } from './compiler.ts';

const ENTRA = { AUTH_AUDIENCE: 'api://gateway' };
const ACCOUNT =
  '/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/their-group/providers/Microsoft.CognitiveServices/accounts/their-account';
const STORE =
  '/subscriptions/00000000-0000-0000-0000-000000000003/resourceGroups/store-group/providers/Microsoft.DocumentDB/databaseAccounts/store';

/** How many resources of a kind a deployment would make. */
async function count(environment: Record<string, string>, ...types: string[]): Promise<number[]> {
  const { predictedResources, diagnostics } = await predict({ ...ENTRA, ...environment });
  expect(diagnostics).toEqual([]);
  return types.map((type) => predictedResources.filter((resource) => resource.type === type).length);
}

// `npm run bicep` brings the compiler along where .NET is; elsewhere the other tests of this folder have to do.
describe.skipIf(compiler === undefined)('the real compiler', () => {
  // The parameters bring the main file and its modules, and what there is to say about them, along.
  it.each(['main.bicepparam', 'event-subscription.bicep'])('has nothing to say about %s', async (name) => {
    expect(await compile(`infra/${name}`)).toBe('');
  });

  it('would have', async () => {
    await expect(compile('infra/missing.bicep')).rejects.toThrow('missing.bicep');
  });

  it.each<[string, Record<string, string>, number[]]>([
    ['by default', {}, [1, 1, 2, 0]],
    [
      'with an account and a store brought along',
      { EXISTING_OPENAI_ID: ACCOUNT, EXISTING_COSMOS_ID: STORE },
      [0, 0, 2, 0],
    ],
    ['in a private network', { PRIVATE_NETWORK: 'true' }, [1, 1, 2, 7]],
    [
      'with a smaller memory, no images and nothing kept',
      { INSTANCE_MEMORY_MB: '512', IMAGE_MODEL: 'none', SOFT_DELETE_DAYS: '0' },
      [1, 1, 2, 0],
    ],
    [
      'with a budget and alerts, and with values that are empty',
      {
        TEXT_CAPACITY: '',
        PRIVATE_NETWORK: '',
        MONTHLY_BUDGET: '100',
        BUDGET_START_DATE: '2026-11-01',
        ALERT_EMAILS: 'a@example.com',
      },
      [1, 1, 2, 0],
    ],
  ])('works out what is made %s', async (_how, environment, made) => {
    expect(
      await count(
        environment,
        'Microsoft.CognitiveServices/accounts',
        'Microsoft.DocumentDB/databaseAccounts',
        'Microsoft.Storage/storageAccounts',
        'Microsoft.Network/privateEndpoints',
      ),
    ).toEqual(made);
  });

  it('lets the template refuse what cannot work, in its own words', async () => {
    await expect(predict({ AUTH_AUDIENCE: '' })).rejects.toThrow('AUTH_AUDIENCE is empty');
  });
});
