import { randomUUID } from 'node:crypto';
import { describe, expect, inject, it } from 'vitest';
import { documentsApi, openDropBox } from '../../support/documents.ts';
import { evaluate, httpAction, play, readWorkflow, type Sight } from '../../support/logic-app.ts';
import { textPdf } from '../../support/pdfs.ts';
import { steer } from '../../support/simulator.ts';
import { newCaller } from '../../support/world.ts';

const endpoints = inject('endpoints');
const PAGE = 'docs/logic-apps.md';

const sightOf = (trigger: unknown): Sight => ({
  parameters: { gateway: endpoints.gateway, audience: 'api://x', model: 'gpt-4.1' },
  trigger,
  runName: randomUUID(),
  bodies: {},
});

describe('the workflows of the page', () => {
  it.each([
    ['without credentials, to an absolute link', { keepsCredentials: false }],
    ['with credentials', { keepsCredentials: true }],
    [
      'to a relative link',
      { keepsCredentials: false, rewrite: (link: string) => link.replace(/^https?:\/\/[^/]+/, '') },
    ],
  ])('ask follows %s', async (_how, manners) => {
    const { actions } = await readWorkflow(PAGE, 'ask');
    const azure = steer(endpoints);
    await azure.plan('create', { kind: 'pace', runningMs: 2_500 });
    const sight = sightOf({ question: `Say ${azure.marker}` });
    const ask = httpAction(evaluate(actions.Ask?.inputs, sight));
    const { key } = newCaller(endpoints);
    const { status, body, waits } = await play(ask, { ...manners, key });
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: 'completed' });
    expect(waits).toBeGreaterThan(1);
    // A resubmitted run of the same name is answered from the first.
    expect((await play(ask, { ...manners, key })).body).toEqual(body);
    expect(await azure.runs()).toBe(1);
    expect(evaluate("@body('Ask')?['status']", { ...sight, bodies: { Ask: body } })).toBe('completed');
  });

  it('blob: the analysis of a dropped PDF is found by its name', async () => {
    const { actions } = await readWorkflow(PAGE, 'blob');
    const name = `workflow-${randomUUID()}.pdf`;
    const sight = sightOf({ Name: name, Id: 'x' });
    await (await openDropBox(endpoints)).drop(name, await textPdf(['The workflow waits for this.']));
    const loop = actions.Until_it_is_analysed?.actions as Record<string, { inputs: unknown }>;
    // Dropped documents belong to this key locally.
    const call = async (inputs: unknown): Promise<unknown> =>
      (await play(httpAction(evaluate(inputs, sight)), { key: 'local', keepsCredentials: true })).body;
    const state = "@body('Look')?['data']?[0]?['state']";
    await expect
      .poll(
        async () => evaluate(state, { ...sight, bodies: (sight.bodies = { Look: await call(loop.Look?.inputs) }) }),
        {
          timeout: 25_000,
          interval: 200,
        },
      )
      .toBe('completed');
    expect(JSON.stringify(await call(actions.Get_the_analysis?.inputs))).toContain('The workflow waits for this.');
    expect(String(actions.Until_it_is_analysed?.expression)).toContain(
      "coalesce(body('Look')?['data']?[0]?['state'], '')",
    );
    expect((await documentsApi(endpoints).list(`?path=${name}`)).data).toHaveLength(1);
  });
});
