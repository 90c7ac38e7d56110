import type { ApiResponse } from '../../core/types.ts';
import { UnknownOrchestratorError, type OrchestrationStart } from '../engine/engine.ts';
import { InstanceExistsError, InvalidInstanceIdError } from '../engine/start-instance.ts';
import { isFinished } from '../runtime-status.ts';
import { failure, json } from './answers.ts';
import type { Call } from './call.ts';
import { managementLinks } from './client-payload.ts';
import { tokenOf } from './instance-view.ts';
import { statusAnswer } from './read-and-purge.ts';

/** POST orchestrators/{function}/{id?}: 202 with links; with `timeout` and `pollingInterval` it waits for the end. */
export async function start(call: Call): Promise<ApiResponse> {
  const text = Buffer.from(call.request.body).toString('utf8');
  if (text !== '' && !isJson(text)) return failure(400, 'Invalid JSON content');
  return begin(call, {
    name: call.route.function ?? '',
    instanceId: call.route.instance,
    input: text === '' ? null : text,
    version: call.query.text('version') ?? null,
  });
}

/** POST instances/{id}/restart: the same input again, under a new id unless `restartWithNewInstanceId=false`. */
export async function restart(call: Call): Promise<ApiResponse> {
  const { engine, query, route } = call;
  const instance = engine.store.instance(route.instance ?? '');
  if (!instance) return failure(400, 'InstanceId does not match a valid orchestration instance.');
  const { name, input, version } = instance;
  const instanceId = query.flag('restartWithNewInstanceId', true) ? undefined : instance.instanceId;
  return begin(call, { name, instanceId, input, version });
}

async function begin(call: Call, wanted: OrchestrationStart): Promise<ApiResponse> {
  let instanceId: string;
  try {
    instanceId = call.engine.startOrchestration(wanted);
  } catch (error) {
    if (error instanceof InstanceExistsError) return failure(409, error.message);
    if (error instanceof InvalidInstanceIdError || error instanceof UnknownOrchestratorError) {
      return failure(400, 'One or more of the arguments submitted is incorrect', error.message);
    }
    throw error;
  }
  const timeoutSeconds = call.query.number('timeout');
  if (timeoutSeconds === undefined || call.query.number('pollingInterval') === undefined) {
    return accepted(call, instanceId);
  }
  const instance = await call.engine.whenFinished(instanceId, timeoutSeconds * 1000);
  if (!instance || !isFinished(instance.status)) return accepted(call, instanceId);
  return instance.status === 'Completed' ? json(200, tokenOf(instance.output)) : statusAnswer(call, instance);
}

/** Without the link to rewind, as on the real host. */
function accepted({ address }: Call, instanceId: string): ApiResponse {
  const { rewindPostUri: _, ...links } = managementLinks(address, instanceId);
  return json(202, links, { location: links.statusQueryGetUri, 'retry-after': '10' });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    // The caller is told with a 400.
    return false;
  }
}
