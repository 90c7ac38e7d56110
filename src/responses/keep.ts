import type { Directory } from '../chains/directory.ts';
import { toEnvelope } from '../chains/envelope.ts';
import { logFinished } from '../chains/log-finished.ts';
import type { ChainRecord } from '../chains/record.ts';
import { forgetEmptyChain } from '../chains/removal.ts';
import { maskItem } from '../chains/secrets.ts';
import { readServiceStatus } from '../chains/status.ts';
import { LostRace, type ChainStore } from '../chains/store.ts';
import { GatewayError } from '../errors.ts';
import type { Clock } from '../platform/clock.ts';
import { originOf, type Log } from '../platform/log.ts';
import type { ServiceAnswer } from '../upstream/client.ts';
import { toItem } from '../upstream/items.ts';
import type { JsonObject, ServiceResponse } from '../upstream/wire.ts';
import type { Abandon } from './abandon.ts';
import { noteContainers } from './note-containers.ts';

export interface KeepDeps {
  store: ChainStore;
  directory: Directory;
  abandon: Abandon;
  clock: Clock;
  log: Log;
}

/** The answer of a turn that leaves no trace: but for the containers made for it, which only their owner may open. */
export async function unstored(
  deps: Pick<KeepDeps, 'directory' | 'clock' | 'log'>,
  record: ChainRecord,
  { body, requestId }: ServiceAnswer<ServiceResponse>,
): Promise<JsonObject> {
  const { output: raw, ...rest } = body;
  const output = raw.map((item) => maskItem(toItem(item)));
  await noteContainers(deps.directory, { ...record, output: { inline: output } }).catch((error: unknown) => {
    deps.log.cleanUpFailed({ ...originOf(record), what: 'note-container', error });
  });
  logFinished(deps, record, { status: readServiceStatus(body.status) ?? 'unknown', serviceRequestId: requestId });
  return { ...toEnvelope(record, rest), output };
}

/** Writes the record and notes the turn in its owner's directory, in parallel. Says whether the record is kept. The response has ended either way. */
export async function keep(deps: KeepDeps, record: ChainRecord): Promise<boolean> {
  logFinished(deps, record);
  const [written, noted] = await Promise.allSettled([
    deps.store.create(record),
    deps.directory.noteTurn(turnOf(record)),
    noteContainers(deps.directory, record),
  ]);
  if (noted.status === 'rejected')
    deps.log.cleanUpFailed({ ...originOf(record), what: 'note-turn', error: noted.reason });
  if (written.status === 'fulfilled') {
    // A later turn finds the entry of its chain: unless all of it was deleted meanwhile.
    if (record.depth > 0 && noted.status === 'fulfilled' && noted.value) await forgetEmptyChain(deps, record);
    return true;
  }
  if (written.reason instanceof LostRace) {
    // Made twice with one Idempotency-Key, because the first was taken for dead: its answer stands, and is everybody's.
    await takeBackSecond(deps, record);
    if (!record.streamed) throw written.reason;
  }
  const refused = written.reason instanceof GatewayError && written.reason.kind === 'parent_not_found';
  // Any other failure is ambiguous: the record may have been written, and what it names must stay.
  if (refused) await deps.abandon(record);
  deps.log.notStored({ ...originOf(record), error: written.reason });
  return false;
}

/** What the service keeps of an answer that came second is named by nobody; unless the record that is there is ours after all. */
async function takeBackSecond(deps: Pick<KeepDeps, 'store' | 'abandon'>, record: ChainRecord): Promise<void> {
  const there = await deps.store.read(record.id).catch(() => undefined);
  if (record.service === undefined || there === undefined || there.service?.id === record.service.id) return;
  await deps.abandon(record, 'at-service');
}

const turnOf = (record: ChainRecord): Parameters<Directory['noteTurn']>[0] => ({
  owner: record.owner,
  chainId: record.chainId,
  first: record.depth === 0,
  title: record.preview,
  ttl: record.ttl,
});

/** Notes a turn that is written already. When it was deleted meanwhile, its chain must not come back to the list. */
export async function noteTurn(deps: Pick<KeepDeps, 'store' | 'directory'>, record: ChainRecord): Promise<void> {
  if (!(await deps.directory.noteTurn(turnOf(record)))) return;
  const now = await deps.store.read(record.id);
  if (now === undefined || now.status === 'deleted') await forgetEmptyChain(deps, record);
}
