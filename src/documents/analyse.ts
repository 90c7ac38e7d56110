import type { Directory } from '../chains/directory.ts';
import type { ChainRecord } from '../chains/record.ts';
import { LostRace, type ChainStore } from '../chains/store.ts';
import { GatewayError } from '../errors.ts';
import { newRequestId, newTraceparent } from '../platform/ids.ts';
import { originOf, type Log } from '../platform/log.ts';
import { noteTurn } from '../responses/keep.ts';
import type { Prepare } from '../responses/prepare.ts';
import type { JsonObject } from '../upstream/wire.ts';
import type { DocumentEntry } from './entry.ts';
import { DocumentFailure } from './failures.ts';
import type { Wishes } from './wishes.ts';

export interface AnalyseDeps {
  store: ChainStore;
  directory: Directory;
  /** Checks nothing of the file: it was uploaded by this room a moment ago. */
  prepare: Prepare;
  log: Log;
}

/** Makes the record of the analysis, a background response like any other. One that is there already is given back. */
export type CreateAnalysis = (entry: DocumentEntry, fileId: string, wishes: Wishes) => Promise<ChainRecord>;

/** @throws {DocumentFailure} `unknown_model` or `refused`, from the function that it gives. */
export function createAnalysis(deps: AnalyseDeps): CreateAnalysis {
  return async (entry, fileId, wishes) => {
    const { record } = await prepared(deps, entry, requestFor(entry, fileId, wishes));
    const titled: ChainRecord = {
      ...record,
      preview: entry.name,
      run: { attempts: 0 },
      serviceFiles: [fileId],
    };
    const stored = await createOnce(deps, titled);
    await noteTurn(deps, stored);
    return stored;
  };
}

/** Metadata of the request: the record then says by itself what the answer came from. */
export const ANALYSIS_KEYS = {
  document: 'document',
  promptSource: 'prompt_source',
  promptSha256: 'prompt_sha256',
  schemaSource: 'schema_source',
  schemaSha256: 'schema_sha256',
} as const;

const METADATA_VALUE_CHARS = 512;

function requestFor(entry: DocumentEntry, fileId: string, wishes: Wishes): JsonObject {
  return {
    model: wishes.model,
    background: true,
    store: true,
    input: [
      {
        type: 'message',
        role: 'user',
        content: [
          { type: 'input_file', file_id: fileId },
          { type: 'input_text', text: wishes.prompt },
        ],
      },
    ],
    ...(wishes.format === undefined ? {} : { text: { format: wishes.format } }),
    metadata: {
      [ANALYSIS_KEYS.document]: entry.key,
      [ANALYSIS_KEYS.promptSource]: wishes.promptSource.slice(-METADATA_VALUE_CHARS),
      [ANALYSIS_KEYS.promptSha256]: wishes.promptSha256,
      ...(wishes.schemaSha256 === undefined
        ? {}
        : {
            [ANALYSIS_KEYS.schemaSource]: (wishes.schemaSource ?? '').slice(-METADATA_VALUE_CHARS),
            [ANALYSIS_KEYS.schemaSha256]: wishes.schemaSha256,
          }),
    },
  };
}

async function prepared(deps: AnalyseDeps, entry: DocumentEntry, body: JsonObject): ReturnType<Prepare> {
  try {
    return await deps.prepare(
      { owner: entry.owner, requestId: newRequestId(), traceparent: newTraceparent() },
      body,
      entry.responseId,
    );
  } catch (error) {
    if (!(error instanceof GatewayError) || error.fault !== 'caller') throw error;
    throw new DocumentFailure(error.kind === 'deployment_not_found' ? 'unknown_model' : 'refused', error.message);
  }
}

async function createOnce(deps: Pick<AnalyseDeps, 'store' | 'log'>, record: ChainRecord): Promise<ChainRecord> {
  try {
    const stored = await deps.store.create(record);
    deps.log.accepted({ ...originOf(stored), submitted: false });
    return stored;
  } catch (error) {
    if (!(error instanceof LostRace)) throw error;
    return (await deps.store.read(record.id)) ?? record;
  }
}
