import { describe, expect, it } from 'vitest';
import { listen } from '../../local/kit/server.ts';
import { command } from '../../tools/hooks/commands.ts';
import {
  findBlobFunction,
  removeOutdated,
  subscriptionNameFor,
  waitForApp,
  waitForBlobKey,
  type Place,
} from '../../tools/hooks/event-subscription.ts';
import { faultsOfAccount, faultsOfStore } from '../../tools/hooks/existing.ts';
import { faultsOfModels, type WantedModel } from '../../tools/hooks/models.ts';
import { until, type Rest } from '../../tools/hooks/rest.ts';

const PLACE: Place = { subscriptionId: 'sub', resourceGroup: 'group', appName: 'app', topicName: 'topic' };
const QUICK = { limitMs: 10_000, intervalMs: 2 };
const HASTY = { limitMs: 10, intervalMs: 2 };

/** A REST service that answers by method and path, and what it was asked. */
function serviceThat(answer: (method: string, path: string) => unknown): Rest & { asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    send: (method, path) => {
      asked.push(`${method} ${path}`);
      return Promise.resolve(answer(method, path));
    },
  };
}

const blobFunction = (name: string, source: string): unknown => ({
  name: `app/${name}`,
  properties: { name, config: { bindings: [{ type: 'blobTrigger', source }] } },
});

describe('the wait for the app', () => {
  async function healthOf(answers: [status: number, body: string][], patience = QUICK): Promise<void> {
    const server = await listen((_request, response) => {
      const [status, body] = (answers.length > 1 ? answers.shift() : answers[0]) ?? [500, ''];
      response.writeHead(status).end(body);
    });
    try {
      await waitForApp(server.address, patience);
    } finally {
      await server.stop();
    }
  }

  it('ends with the first answer of the app itself', async () => {
    await healthOf([
      [503, '<html>Function host is not running.</html>'],
      [502, ''],
      [200, '{"status":"ok"}'],
    ]);
  });

  it('ends when the app says that its settings are wrong, with what is', async () => {
    const body = JSON.stringify({
      status: 'misconfigured',
      faults: ['AUTH_KEYS is missing', 'WEBHOOK_URL is no https'],
    });
    await expect(healthOf([[503, body]])).rejects.toThrow(
      /settings are wrong:\n- AUTH_KEYS is missing\n- WEBHOOK_URL is no https/,
    );
  });

  it('ends when nothing but the platform answers', async () => {
    await expect(healthOf([[503, '']], HASTY)).rejects.toThrow('does not answer');
  });
});

describe('the event subscription', () => {
  it('finds the function that Event Grid feeds, and not its scanning twin', async () => {
    const value = [blobFunction('scanPdfs', 'LogsAndContainerScan'), blobFunction('takePdf', 'EventGrid')];
    expect(
      await findBlobFunction(
        serviceThat(() => ({ value })),
        PLACE,
        QUICK,
      ),
    ).toBe('takePdf');
  });

  it('says so when the app has loaded no such function', async () => {
    const wait = findBlobFunction(
      serviceThat(() => ({ value: [] })),
      PLACE,
      HASTY,
    );
    await expect(wait).rejects.toThrow('lists no function with a blob trigger');
  });

  it('will not guess between two', async () => {
    const value = [blobFunction('one', 'EventGrid'), blobFunction('two', 'EventGrid')];
    await expect(
      findBlobFunction(
        serviceThat(() => ({ value })),
        PLACE,
        QUICK,
      ),
    ).rejects.toThrow('one, two');
  });

  it('waits until the host has made its key', async () => {
    let looks = 0;
    const service = serviceThat(() => ({ systemKeys: ++looks < 3 ? {} : { blobs_extension: 'the-key' } }));
    expect(await waitForBlobKey(service, PLACE, QUICK)).toBe('the-key');
    await expect(
      waitForBlobKey(
        serviceThat(() => ({})),
        PLACE,
        HASTY,
      ),
    ).rejects.toThrow('no key for blob events');
  });

  it('has another name for another key, and tells nothing of the key', () => {
    expect(subscriptionNameFor('one')).not.toBe(subscriptionNameFor('two'));
    expect(subscriptionNameFor('a-secret')).toMatch(/^dropped-pdfs-[0-9a-f]{8}$/);
  });

  it('removes its predecessors, and nobody else’s subscriptions', async () => {
    const value = [{ name: 'dropped-pdfs-old' }, { name: 'dropped-pdfs-new' }, { name: 'somebody-elses' }];
    const service = serviceThat((method) => (method === 'GET' ? { value } : undefined));
    expect(await removeOutdated(service, PLACE, 'dropped-pdfs-new')).toEqual(['dropped-pdfs-old']);
    const removed = service.asked.filter((line) => line.startsWith('DELETE'));
    expect(removed).toHaveLength(1);
    expect(removed[0]).toContain('/eventSubscriptions/dropped-pdfs-old?');
  });
});

describe('the look at the models beforehand', () => {
  const wanted: WantedModel = { model: 'm', version: 'v', sku: 'S', capacity: 10, otherwise: 'Do without.' };
  const offer = { model: { name: 'm', version: 'v', skus: [{ name: 'S' }] } };
  const faults = (offers: unknown[], usages: unknown[]): Promise<string[]> =>
    faultsOfModels(
      serviceThat((_method, path) => ({ value: path.includes('/models') ? offers : usages })),
      'sub',
      'eastus2',
      [wanted],
    );

  it('has nothing to say when the model is offered and quota is free', async () => {
    const usage = { name: { value: 'OpenAI.S.m' }, limit: 100, currentValue: 90 };
    expect(await faults([offer], [usage])).toEqual([]);
    expect(await faults([offer], [])).toEqual([]);
  });

  it('tells of a model that is not offered there, in this version or at all', async () => {
    const other = { model: { name: 'm', version: 'older', skus: [{ name: 'S' }] } };
    for (const offers of [[], [other]]) {
      expect(await faults(offers, [])).toEqual(['m v (S) is not offered to this subscription in eastus2. Do without.']);
    }
  });

  it('tells of quota that is used up', async () => {
    const usage = { name: { value: 'OpenAI.S.m' }, limit: 100, currentValue: 91 };
    expect(await faults([offer], [usage])).toEqual([
      'm v (S) needs a quota of 10 in eastus2, and 9 is free. Do without.',
    ]);
  });
});

describe('the look at what was brought along', () => {
  const account = (properties: unknown, deployments: string[]): Rest =>
    serviceThat((_method, path) =>
      path.includes('/deployments?') ? { value: deployments.map((name) => ({ name })) } : { properties },
    );

  it('has nothing to say of an account that fits', async () => {
    const fitting = account({ customSubDomainName: 'theirs' }, ['text', 'pictures', 'other']);
    expect(await faultsOfAccount(fitting, '/accounts/one', ['text', 'pictures'])).toEqual([]);
  });

  it('tells of deployments that are not there, and of a subdomain that is missing', async () => {
    const faults = await faultsOfAccount(account({}, ['text']), '/accounts/one', ['text', 'pictures']);
    expect(faults).toHaveLength(2);
    expect(faults[0]).toContain('no subdomain of its own');
    expect(faults[1]).toMatch(/no deployment pictures; it has text\. Set TEXT_DEPLOYMENT/);
  });

  const store = (defaultConsistencyLevel: string, ...capabilities: string[]): Rest =>
    serviceThat(() => ({
      kind: 'GlobalDocumentDB',
      properties: {
        consistencyPolicy: { defaultConsistencyLevel },
        capabilities: capabilities.map((name) => ({ name })),
      },
    }));

  it('wants a store that reads on one instance what another has written', async () => {
    expect(await faultsOfStore(store('Strong', 'EnableServerless'), '/store')).toEqual([]);
    expect(await faultsOfStore(store('Session'), '/store')).toEqual([
      expect.stringContaining('has the consistency Session; the gateway needs Strong'),
    ]);
  });

  it('wants a store for NoSQL', async () => {
    expect(await faultsOfStore(store('Strong', 'EnableTable'), '/store')).toEqual([
      expect.stringContaining('not one for NoSQL'),
    ]);
  });
});

describe('the tools of the hooks', () => {
  it('hand no shell an argument it could misread', async () => {
    for (const argument of ['a b', 'a;b', '$(a)', 'a&b', '"a"', 'a|b', '%PATH%']) {
      await expect(command('az', [argument]), argument).rejects.toThrow('unquoted');
    }
  });

  it('wait for a state, not for a time, and end', async () => {
    let looks = 0;
    expect(await until(QUICK, 'too late', () => Promise.resolve(++looks === 3 ? 'there' : undefined))).toBe('there');
    await expect(until(HASTY, 'too late', () => Promise.resolve(undefined))).rejects.toThrow('too late');
  });
});
