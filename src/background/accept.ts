import type { Directory } from '../chains/directory.ts';
import type { ChainRecord } from '../chains/record.ts';
import type { ChainStore } from '../chains/store.ts';
import type { GatewayError } from '../errors.ts';
import type { Log } from '../platform/log.ts';
import { noteTurn } from '../responses/create.ts';
import type { Turn } from '../responses/prepare.ts';
import type { Present } from '../responses/present.ts';
import type { JsonObject } from '../upstream/wire.ts';
import type { Submit } from './submit.ts';

/** Starts (or finds running) the orchestration that watches over a run. */
export interface Orchestrations {
  start(id: string): Promise<void>;
}

export interface AcceptDeps {
  store: ChainStore;
  directory: Directory;
  submit: Submit;
  present: Present;
  log: Log;
}

/**
 * Takes a background create: once the record is written the run reaches an end, whatever happens to this process.
 * A request the service refuses is refused at once, as Azure does, and leaves nothing behind.
 */
export type Accept = (turn: Turn, orchestrations: Orchestrations) => Promise<JsonObject>;

export function createAccept(deps: AcceptDeps): Accept {
  return async (turn, orchestrations) => {
    const record = await deps.store.create({
      ...turn.record,
      imageDeployment: turn.imageDeployment,
      run: { attempts: 0, polls: 0 },
    });
    const submission = deps.submit(record, {
      body: turn.serviceBody,
      parent: turn.parent,
      imageDeployment: turn.imageDeployment,
    });
    const [submitted] = await Promise.all([
      submission,
      orchestrations.start(record.id),
      noteTurn(deps.directory, record),
    ]);
    deps.log.accepted({
      responseId: record.id,
      requestId: record.requestId,
      submitted: submitted.outcome === 'submitted',
    });
    if (submitted.outcome === 'refused') return refuse(deps, record, submitted.error);
    if (submitted.outcome === 'put-off' && turn.secret && !submitted.ambiguous)
      return refuse(deps, record, submitted.error);
    const now = submitted.outcome === 'submitted' ? submitted.record : await deps.store.read(record.id);
    return deps.present(now ?? record);
  };
}

/** Takes back what was accepted: the service will not do it, and its caller is told so at once. */
export async function refuse(
  deps: Pick<AcceptDeps, 'store'>,
  record: ChainRecord,
  error: GatewayError,
): Promise<never> {
  // The orchestration finds nothing and ends.
  await deps.store.remove(record);
  throw error;
}
