import { createServer, request as forward, type Server } from 'node:http';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { unwatch, watch } from '../../support/answers/checked-fetch.ts';
import { steer } from '../../support/simulator.ts';
import { examine, show, type Finding } from '../../../tools/doctor/check.ts';
import { checks } from '../../../tools/doctor/checks.ts';
import { localPatient, type Patient } from '../../../tools/doctor/patient.ts';

const endpoints = inject('endpoints');
const doors: { gateway: string; server: Server }[] = [];
afterAll(() => {
  for (const { gateway, server } of doors) {
    unwatch(gateway);
    server.close();
  }
});

async function findingsOf(patient: Patient): Promise<Finding[]> {
  const findings: Finding[] = [];
  for await (const finding of examine(patient, checks)) findings.push(finding);
  return findings;
}

const faultsOf = (findings: readonly Finding[]): string[] =>
  findings.filter(({ state }) => state === 'fault').map(({ name }) => name);

const NO_ROLE = { kind: 'denied', why: 'role' };
const BUSY = { message: 'busy', type: 'server_error', param: null, code: 'store_unavailable' };
const FAILS = { kind: 'fail', code: 'server_error', message: 'The model failed.' };

/** Has a call of this patient refused at the service. */
async function deny(
  patient: Patient,
  operation: string,
  fault: Record<string, unknown> = NO_ROLE,
  skip = 0,
): Promise<Patient> {
  await steer(endpoints, patient.mark).plan(operation, fault, { skip });
  return patient;
}

const withSettings = (patient: Patient, settings: Record<string, string>): Patient => ({
  ...patient,
  settings: { ...patient.settings, ...settings },
});

/** The same gateway, behind something that answers some addresses itself. */
async function behind(patient: Patient, answers: Record<string, { status: number; body: unknown }>): Promise<Patient> {
  const target = new URL(patient.gateway);
  const server = createServer((request, response) => {
    const own = answers[`${request.method ?? ''} ${request.url?.split('?')[0] ?? ''}`];
    if (own !== undefined) {
      const headers = { 'content-type': 'application/json', 'x-request-id': 'r' };
      response.writeHead(own.status, headers).end(JSON.stringify(own.body));
      return;
    }
    const { method, headers, url: path } = request;
    const onward = forward({ host: target.hostname, port: target.port, method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const gateway = `http://127.0.0.1:${address.port}`;
  watch(gateway);
  doors.push({ gateway, server });
  return { ...patient, gateway };
}

type Break = (patient: Patient) => Patient | Promise<Patient>;

const BREAKS: readonly (readonly [line: string, how: Break])[] = [
  [
    'health',
    (it) => behind(it, { 'GET /health': { status: 503, body: { status: 'misconfigured', faults: ['X is missing'] } } }),
  ],
  ['clock', (it) => ({ ...it, now: () => Date.now() - 10 * 60_000 })],
  ['endpoint', (it) => withSettings(it, { AZURE_OPENAI_ENDPOINT: `${it.settings.AZURE_OPENAI_ENDPOINT ?? ''}/?` })],
  ['deployment settings', (it) => withSettings(it, { ALLOWED_MODELS: 'another-model' })],
  ['deployments', (it) => withSettings(it, { AZURE_OPENAI_IMAGE_DEPLOYMENT: 'no-such-image-model' })],
  ['storage settings', (it) => withSettings(it, { DataStorage__clientId: '' })],
  ['identity', (it) => withSettings(it, { IDENTITY_HEADER: 'not-the-one' })],
  ['functions', (it) => behind(it, { 'GET /admin/functions': { status: 200, body: [{ name: 'health' }] } })],
  [
    'role: blobs',
    (it) =>
      withSettings(it, { DataStorage__blobServiceUri: `${it.settings.DataStorage__blobServiceUri ?? ''}/nowhere` }),
  ],
  [
    'role: queues',
    async (it) => {
      const { gateway } = await behind(it, { 'GET /webjobs-blobtrigger-poison/messages': { status: 403, body: {} } });
      return withSettings(it, { DataStorage__queueServiceUri: gateway });
    },
  ],
  [
    'Cosmos DB',
    (it) =>
      behind(it, {
        'GET /openai/v1/responses': { status: 503, body: { error: BUSY } },
      }),
  ],
  ['role: responses', (it) => deny(it, 'create')],
  ['role: token counting', (it) => deny(it, 'input_tokens')],
  ['role: files', (it) => deny(it, 'files.create')],
  ['role: containers', (it) => deny(it, 'containers.create')],
  ['background runs', (it) => deny(it, 'create', FAILS, 1)],
];

describe('the doctor', () => {
  it('finds nothing wrong with the local world', async () => {
    const findings = await findingsOf(await localPatient(endpoints));
    expect(findings.filter(({ state }) => state === 'fault').map(show)).toEqual([]);
    expect(findings.map(({ name }) => name)).toEqual(checks.map(({ name }) => name));
    // Only what exists in Azure alone is left out here.
    const skipped = findings.filter(({ state }) => state === 'skipped').map(({ name }) => name);
    expect(skipped).toEqual(['region', 'event subscription']);
  });

  it('leaves nothing behind', async () => {
    const patient = await localPatient(endpoints);
    await findingsOf(patient);
    for (const list of ['responses', 'files', 'containers']) {
      const answer = await fetch(`${endpoints.gateway}/openai/v1/${list}`, { headers: patient.credentials });
      expect({ list, body: await answer.json() }).toMatchObject({ list, body: { data: [] } });
    }
  });

  it.concurrent.each(BREAKS)('shows %s red and nothing else, and says how to mend it', async (line, how) => {
    const findings = await findingsOf(await how(await localPatient(endpoints)));
    expect(faultsOf(findings)).toEqual([line]);
    const { fix = '' } = findings.find(({ state }) => state === 'fault') ?? {};
    expect(fix.length).toBeGreaterThan(15);
  });
});
