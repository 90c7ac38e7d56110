import type { ApiResponse } from '../../core/types.ts';
import { isFinished, type RuntimeStatus } from '../runtime-status.ts';
import type { Instance } from '../store/records.ts';
import { empty, json } from './answers.ts';
import type { Call } from './call.ts';
import { historyView } from './history-view.ts';
import { instanceView } from './instance-view.ts';
import { continuationToken, fromContinuationToken } from './query.ts';

const CONTINUATION_HEADER = 'x-ms-continuation-token';
const FINISHED: readonly RuntimeStatus[] = ['Completed', 'Failed', 'Terminated', 'Canceled'];

/** GET instances/{id}: 202 while it runs, 200 when it has ended. */
export function getInstance(call: Call): ApiResponse {
  const instance = call.engine.store.instance(call.route.instance ?? '');
  return instance ? statusAnswer(call, instance) : empty(404);
}

export function statusAnswer({ engine, request, query }: Call, instance: Instance): ApiResponse {
  const showInput = query.flag('showInput', true);
  const withHistory = query.flag('showHistory', false) && instance.status !== 'Pending';
  const history = withHistory
    ? historyView(engine.store.history(instance.instanceId), {
        output: query.flag('showHistoryOutput', false),
        input: showInput,
      })
    : undefined;
  const body = instanceView(instance, { showInput, history });
  if (!isFinished(instance.status)) return json(202, body, { location: request.url.href, 'retry-after': '5' });
  const failed = instance.status === 'Failed' && query.flag('returnInternalServerErrorOnFailure', false);
  return json(failed ? 500 : 200, body);
}

/** GET instances: one page, in the order of ids. */
export function listInstances({ engine, request, query }: Call): ApiResponse {
  const top = query.pageSize();
  const afterId = fromContinuationToken(request.headers[CONTINUATION_HEADER]);
  // One more than asked for tells whether there is another page.
  const found = engine.store.page({ ...query.instanceFilter(), top: top + 1, afterId });
  const page = found.slice(0, top);
  const last = found.length > top ? page.at(-1) : undefined;
  return json(
    200,
    // Inputs are in the real list whatever `showInput` says (seen on 3.19).
    page.map((instance) => instanceView(instance, { showInput: true })),
    { [CONTINUATION_HEADER]: last ? continuationToken(last.instanceId) : '' },
  );
}

/** DELETE instances/{id}: only what has ended, refused in the real extension's words (seen on 3.19). */
export function deleteInstance({ engine, route }: Call): ApiResponse {
  const instance = engine.store.instance(route.instance ?? '');
  if (!instance) return empty(404);
  const { instanceId, status } = instance;
  if (!isFinished(status)) {
    const rule = 'Only orchestrations in a terminal state can be purged';
    return json(412, `${rule}, but the orchestration with instance ID ${instanceId} has status ${status}`);
  }
  engine.purge([instanceId]);
  return json(200, { instancesDeleted: 1 });
}

/** DELETE instances?createdTimeFrom=...: only what has ended. */
export function deleteInstances({ engine, query }: Call): ApiResponse {
  const filter = query.instanceFilter();
  if (filter.createdFrom === undefined) return json(400, "Please provide value for 'createdTimeFrom' parameter.");
  const wanted = filter.statuses?.length ? filter.statuses.filter(isFinished) : FINISHED;
  const ids = wanted.length > 0 ? engine.store.instanceIds({ ...filter, statuses: wanted }) : [];
  if (ids.length === 0) return empty(404);
  engine.purge(ids);
  return json(200, { instancesDeleted: ids.length });
}
