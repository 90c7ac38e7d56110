import { textAt, until, type Patience } from './rest.ts';
import { samplePdf } from './sample-pdf.ts';

const STORAGE_API_VERSION = '2025-01-05';

/** Where PDFs are dropped, and who drops them. */
export interface DropBox {
  /** Blob address of the data account, with or without a trailing slash. */
  blobEndpoint: string;
  pdfContainer: string;
  token: string;
}

export interface SmokeTestTimes {
  /** Roles take up to ten minutes to be known to storage. */
  roles: Patience;
  /** Event, cold start, upload, analysis; when the event is lost on a cold app, the timer that finds the PDF after five minutes. */
  analysis: Patience;
}

const TIMES: SmokeTestTimes = {
  roles: { limitMs: 10 * 60_000, intervalMs: 15_000 },
  analysis: { limitMs: 15 * 60_000, intervalMs: 5_000 },
};

/**
 * Drops a one-page PDF and waits for its analysis: proves event, app, identity, Azure OpenAI and Cosmos DB in one go.
 * The PDF is removed again; the analysis stays, to be looked at.
 * @returns where the analysis is, as container and path.
 * @throws {Error} saying what the analysis failed of, or what to look at when there was none.
 */
export async function smokeTest(box: DropBox, name: string, times: SmokeTestTimes = TIMES): Promise<string> {
  const pdf = `${box.pdfContainer}/smoke-test/${name}.pdf`;
  const results = `analyses/smoke-test/${name}.pdf`;
  await until(
    times.roles,
    'Storage still refuses the upload: whoever is signed in with az login needs the role Storage Blob Data Contributor on the data account. azd gives it to whoever is signed in with azd auth login: sign in to both as the same.',
    () => dropped(box, pdf),
  );
  try {
    await until(
      times.analysis,
      `No analysis of ${pdf} within the time. Look at the event subscription (delivery failures), then at the logs of the app.`,
      async () => {
        const failure = await readJson(box, `${results}/error.json`);
        if (failure !== undefined) throw new Error(`The analysis of ${pdf} failed: ${reasonOf(failure)}`);
        return readJson(box, `${results}/analysis.json`);
      },
    );
  } finally {
    await call(box, 'DELETE', pdf);
  }
  return `${results}/analysis.md`;
}

async function dropped(box: DropBox, path: string): Promise<true | undefined> {
  const answer = await call(box, 'PUT', path, await samplePdf('The gateway is deployed and this page proves it.'));
  if (answer.status === 403) return undefined;
  if (!answer.ok) throw new Error(`The upload to ${path} was refused with ${answer.status}.`);
  return true;
}

async function readJson(box: DropBox, path: string): Promise<unknown> {
  const answer = await call(box, 'GET', path);
  if (answer.status === 404) return undefined;
  if (!answer.ok) throw new Error(`${path} cannot be read: ${answer.status}.`);
  return answer.json();
}

const reasonOf = (failure: unknown): string => `${textAt(failure, 'message')} ${textAt(failure, 'what_to_do')}`.trim();

function call(box: DropBox, method: string, path: string, body?: Uint8Array<ArrayBuffer>): Promise<Response> {
  return fetch(`${box.blobEndpoint.replace(/\/$/, '')}/${path}`, {
    method,
    headers: {
      authorization: `Bearer ${box.token}`,
      'x-ms-version': STORAGE_API_VERSION,
      ...(body === undefined ? {} : { 'x-ms-blob-type': 'BlockBlob', 'content-type': 'application/pdf' }),
    },
    body,
    signal: AbortSignal.timeout(60_000),
  });
}
