import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { at, listAt, textAt } from '../hooks/rest.ts';
import { samplePdf } from '../hooks/sample-pdf.ts';
import { Fault, Skipped, type Check } from './check.ts';
import type { Patient } from './patient.ts';

const CALL_LIMIT_MS = 120_000;
/** Tokens are refused when clocks are five minutes apart (Microsoft Entra); that is where it begins to matter. */
const CLOCK_LIMIT_MS = 2 * 60_000;
const RUN_LIMIT_MS = 120_000;
const LOOK_MS = 500;

const ROLES = 'docs/deploy.md, "Roles"';

interface Answer {
  status: number;
  body: unknown;
}

/** One call of the API. Throws {@link Fault} with the gateway's own words for anything but a success. */
async function ask(patient: Patient, method: string, path: string, body?: unknown, fix?: string): Promise<Answer> {
  const form = body instanceof FormData;
  const answer = await fetch(`${patient.gateway}${path}`, {
    method,
    headers: { ...patient.credentials, ...(body === undefined || form ? {} : { 'content-type': 'application/json' }) },
    body: body === undefined || form ? body : JSON.stringify(body),
    signal: AbortSignal.timeout(CALL_LIMIT_MS),
  });
  const text = await answer.text();
  if (answer.ok) return { status: answer.status, body: text.startsWith('{') ? JSON.parse(text) : text };
  throw refused(answer.status, text, fix);
}

function refused(status: number, text: string, fix: string | undefined): Fault {
  const error: unknown = text.startsWith('{') ? JSON.parse(text) : undefined;
  const [code, message] = [textAt(error, 'error', 'code'), textAt(error, 'error', 'message')];
  const what = message === '' ? `the gateway answers ${status}` : message;
  const remedies: Record<string, string> = {
    unauthenticated: 'Sign in as somebody whom the gateway admits, or set GATEWAY_KEY.',
    forbidden: 'Admit whoever is signed in (AUTH_ADMIT, then azd provision), or set GATEWAY_KEY.',
    DeploymentNotFound: 'Name an existing deployment in AZURE_OPENAI_DEPLOYMENT, or make one of that name.',
    rate_limit_exceeded: 'Raise the capacity of the deployment (TEXT_CAPACITY, azd provision), or try later.',
    service_unavailable: 'Nothing is wrong with the roles: see to it that Azure OpenAI can be reached, then try again.',
    store_unavailable: 'Look at Cosmos DB and the data account: can they be reached, are they throttling?',
  };
  return new Fault(what, remedies[code] ?? fix ?? `Look up '${code}' in docs/errors.md, then the log of the app.`);
}

/** Up, and with settings that it can work with. */
export const health: Check = {
  name: 'health',
  async run({ gateway, deployment }) {
    const answer = await fetch(`${gateway}/health`, { signal: AbortSignal.timeout(CALL_LIMIT_MS) }).catch(
      () => undefined,
    );
    if (answer === undefined) {
      const local = deployment === undefined;
      throw new Fault(
        `${gateway} does not answer.`,
        local ? 'Start it in another terminal: npm start.' : 'Is the app stopped? Start it, and look at its log.',
      );
    }
    if (answer.ok) return `${gateway} is up`;
    const faults = listAt(await answer.json().catch(() => undefined), 'faults').map(String);
    throw new Fault(
      faults.length > 0 ? `The app settings are not usable: ${faults.join('; ')}` : `/health answers ${answer.status}.`,
      faults.length > 0 ? 'Correct these settings.' : 'Look at the log of the app: it does not start.',
    );
  },
};

export const clock: Check = {
  name: 'clock',
  async run({ gateway, now }) {
    const answer = await fetch(`${gateway}/health`, { signal: AbortSignal.timeout(CALL_LIMIT_MS) });
    const apartMs = Math.abs(Date.parse(answer.headers.get('date') ?? '') - now());
    if (Number.isNaN(apartMs)) throw new Skipped('the gateway does not tell its time');
    const seconds = Math.round(apartMs / 1000);
    if (apartMs < CLOCK_LIMIT_MS) return `${seconds} s apart`;
    throw new Fault(
      `This machine and the gateway are ${seconds} s apart.`,
      'Set the clock of this machine (NTP): tokens are refused when clocks differ.',
    );
  },
};

const described = z.looseObject({
  paths: z.record(
    z.string(),
    z.record(z.string(), z.looseObject({ operationId: z.string().optional() }).or(z.array(z.unknown()))),
  ),
});

/** What no address leads to. */
const BEHIND = ['documentDropped', 'documentPoisoned', 'reconcile'];

/** The functions that the app must have: every described operation, and what no address leads to. */
export function expectedFunctions(file = 'docs/openapi.yaml'): string[] {
  const { paths } = described.parse(parse(readFileSync(file, 'utf8')));
  const operations = Object.values(paths).flatMap((item) => Object.values(item));
  return [...operations.flatMap((each) => (Array.isArray(each) ? [] : (each.operationId ?? []))), ...BEHIND];
}

/** A package that loads only in part, or an older one, lacks functions. */
export const functions: Check = {
  name: 'functions',
  async run(patient) {
    const names = await registered(patient);
    const missing = expectedFunctions().filter((name) => !names.includes(name));
    if (missing.length === 0) return `${names.length} are loaded`;
    throw new Fault(
      `${missing.length} are missing: ${missing.slice(0, 5).join(', ')}${missing.length > 5 ? ', ...' : ''}`,
      'azd deploy (the package is another version, or did not load: the log of the app says why).',
    );
  },
};

async function registered({ gateway, deployment }: Patient): Promise<string[]> {
  if (deployment === undefined) {
    const listed: unknown = await (await fetch(`${gateway}/admin/functions`)).json();
    return Array.isArray(listed) ? listed.map((each) => textAt(each, 'name')) : [];
  }
  const { resourceManager, subscriptionId, resourceGroup, appName } = deployment;
  const path = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.Web/sites/${appName}/functions?api-version=2024-11-01`;
  return listAt(await resourceManager.send('GET', path), 'value').map(
    (each) => textAt(each, 'name').split('/').at(-1) ?? '',
  );
}

const textModel = ({ settings }: Patient): string => settings.AZURE_OPENAI_DEPLOYMENT ?? '';

/** The right to create and delete responses, and a text deployment that is there. */
export const responses: Check = {
  name: 'role: responses',
  async run(patient) {
    const body = {
      model: textModel(patient),
      input: `Say hello. (${patient.mark})`,
      store: false,
      max_output_tokens: 64,
    };
    const answer = await ask(patient, 'POST', '/openai/v1/responses', body, rightTo('create responses'));
    return `${textAt(answer.body, 'model')} answers: ${textAt(answer.body, 'status')}`;
  },
};

const rightTo = (what: string, role = 'Cognitive Services OpenAI User'): string =>
  `Give the app's identity the right to ${what}: ${role} on the Azure OpenAI account (${ROLES}), then wait ten minutes.`;

export const tokenCounting: Check = {
  name: 'role: token counting',
  async run(patient) {
    const body = { model: textModel(patient), input: `How many tokens? (${patient.mark})` };
    const answer = await ask(patient, 'POST', '/openai/v1/responses/input_tokens', body, rightTo('count tokens'));
    return `${String(at(answer.body, 'input_tokens'))} tokens`;
  },
};

/** OpenAI User alone has no right to files. Also tries the container `files` of the data account. */
export const files: Check = {
  name: 'role: files',
  async run(patient) {
    const form = new FormData();
    form.set('purpose', 'assistants');
    form.set('file', new Blob([await samplePdf(patient.mark)], { type: 'application/pdf' }), `${patient.mark}.pdf`);
    const fix = rightTo('handle files', 'the custom role of the deployment, or Cognitive Services OpenAI Contributor');
    const { body } = await ask(patient, 'POST', '/openai/v1/files', form, fix);
    const path = `/openai/v1/files/${textAt(body, 'id')}`;
    await ask(patient, 'GET', `${path}/content`);
    await ask(patient, 'DELETE', path, undefined, fix);
    return 'uploaded, read and deleted';
  },
};

export const containers: Check = {
  name: 'role: containers',
  async run(patient) {
    const fix = `${rightTo('make containers', 'Cognitive Services OpenAI Contributor')} Only code interpreter with containers of its own needs it.`;
    const { body } = await ask(patient, 'POST', '/openai/v1/containers', { name: patient.mark }, fix);
    await ask(patient, 'DELETE', `/openai/v1/containers/${textAt(body, 'id')}`, undefined, fix);
    return 'made and deleted';
  },
};

/** Reads both containers of the database. */
export const cosmos: Check = {
  name: 'Cosmos DB',
  async run(patient) {
    const fix = `Give the app's identity Cosmos DB Built-in Data Contributor on the database (${ROLES}); check COSMOS_ENDPOINT, COSMOS_DATABASE and that chains and directory are there.`;
    await ask(patient, 'GET', '/openai/v1/responses?limit=1', undefined, fix);
    await ask(patient, 'GET', '/openai/v1/files?limit=1', undefined, fix);
    return 'chains and directory can be read';
  },
};

/** Writing to Cosmos DB, Durable Functions, the host's storage, and polling: a run that ends. */
export const background: Check = {
  name: 'background runs',
  async run(patient) {
    const body = {
      model: textModel(patient),
      input: `Say hello, in your own time. (${patient.mark})`,
      background: true,
    };
    const { body: made } = await ask(patient, 'POST', '/openai/v1/responses', body);
    const path = `/openai/v1/responses/${textAt(made, 'id')}`;
    const end = Date.now() + RUN_LIMIT_MS;
    let status = textAt(made, 'status');
    while ((status === 'queued' || status === 'in_progress') && Date.now() < end) {
      await pause(LOOK_MS);
      status = textAt((await ask(patient, 'GET', path)).body, 'status');
    }
    await ask(patient, 'DELETE', path);
    if (status === 'completed' || status === 'incomplete') return `accepted, ${status}, deleted`;
    throw new Fault(
      `A background run is '${status}' after ${RUN_LIMIT_MS / 1000} s.`,
      'docs/operations.md, "Stuck runs": check the roles on the host account (queues and tables) and the log of the app.',
    );
  },
};
