import type { ApiResponse } from '../../core/types.ts';
import { isFinished } from '../runtime-status.ts';
import type { Instance } from '../store/records.ts';
import { empty, failure, json } from './answers.ts';
import type { Call } from './call.ts';

/** POST instances/{id}/raiseEvent/{name} */
export function raiseEvent(call: Call): ApiResponse {
  const { engine, request, route } = call;
  return onRunning(call, ({ instanceId }) => {
    const mediaType = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
    if (mediaType !== 'application/json') {
      return failure(400, 'Only application/json request content is supported');
    }
    const text = Buffer.from(request.body).toString('utf8');
    let input: string;
    try {
      input = text === '' ? 'null' : JSON.stringify(JSON.parse(text));
    } catch {
      return failure(400, 'Invalid JSON content');
    }
    engine.raiseEvent(instanceId, route.event ?? '', input);
    return empty(202);
  });
}

/** POST instances/{id}/terminate */
export function terminate(call: Call): ApiResponse {
  return onRunning(call, ({ instanceId }) => {
    call.engine.terminate(instanceId, reason(call));
    return empty(202);
  });
}

/** POST instances/{id}/suspend: 500 for one that is suspended already, as on the real host. */
export function suspend(call: Call): ApiResponse {
  return onRunning(call, ({ instanceId, status }) => {
    if (status === 'Suspended') return wrongState('suspend', instanceId, status);
    call.engine.suspend(instanceId, reason(call));
    return empty(202);
  });
}

/** POST instances/{id}/resume */
export function resume(call: Call): ApiResponse {
  return onRunning(call, ({ instanceId, status }) => {
    if (status !== 'Suspended') return wrongState('resume', instanceId, status);
    call.engine.resume(instanceId, reason(call));
    return empty(202);
  });
}

/** POST instances/{id}/rewind. The SDK shows a text body as its error. */
export function rewind({ engine, route }: Call): ApiResponse {
  const instanceId = route.instance ?? '';
  const instance = engine.store.instance(instanceId);
  if (!instance) return json(404, `No orchestration with instance ID "${instanceId}" found.`);
  if (instance.status !== 'Failed') {
    return json(
      412,
      `This orchestration has status ${instance.status}, but only orchestrations in the "Failed" state can be rewound.`,
    );
  }
  return json(501, 'This host does not rewind orchestrations. Restart the instance instead.');
}

function onRunning({ engine, route }: Call, act: (instance: Instance) => ApiResponse): ApiResponse {
  const instance = engine.store.instance(route.instance ?? '');
  if (!instance) return empty(404);
  return isFinished(instance.status) ? empty(410) : act(instance);
}

function reason({ query }: Call): string {
  return query.text('reason') ?? '';
}

function wrongState(verb: string, instanceId: string, status: string): ApiResponse {
  return failure(
    500,
    'Something went wrong while processing your request',
    `Cannot ${verb} the orchestration instance ${instanceId} because instance is in the ${status} state.`,
  );
}
