import { join } from 'node:path';
import type { HostJson } from './core/host-json.ts';
import type { DeliverOutputs, Durable, FunctionApp, HostLog, RegisteredFunction } from './core/types.ts';
import { createDurable } from './durable/durable.ts';
import { parseDurableSettings } from './durable/settings.ts';
import type { Door } from './http/front-door.ts';
import { joinHeaders, readBody } from './http/request-parts.ts';

export interface DurablePartOptions {
  app: FunctionApp;
  deliverOutputs: DeliverOutputs;
  log: HostLog;
  hostJson: HostJson;
  stateFolder: string;
  /** Where callers reach the host: `http://127.0.0.1:7071`. */
  address: string;
  systemCode: string | undefined;
}

const DURABLE_TYPES = new Set(['orchestrationtrigger', 'activitytrigger', 'durableclient', 'orchestrationclient']);

/** Whether a function has to do with Durable Functions: only then a store is opened. */
export function usesDurable(fn: RegisteredFunction): boolean {
  return Object.values(fn.bindings).some((binding) => DURABLE_TYPES.has(binding.type.toLowerCase()));
}

/** Whether a binding is given the Durable client's payload. */
export function isDurableClient(type: string): boolean {
  return /^(durable|orchestration)client$/i.test(type);
}

/** Opens the task hub that host.json names, in a file of its own. */
export async function openDurable(options: DurablePartOptions): Promise<Durable> {
  const { hostJson, stateFolder, log, app, deliverOutputs, systemCode, address } = options;
  const { settings, warnings } = parseDurableSettings(hostJson.extensions.durableTask);
  for (const warning of warnings) log('warning', 'Host.Startup', warning);
  // The real extension's order.
  const hubName = settings.hubName ?? process.env.WEBSITE_SITE_NAME ?? 'TestHubName';
  return createDurable({
    app,
    deliverOutputs,
    log,
    storeFile: join(stateFolder, 'durable', `${hubName}.sqlite`),
    hubName,
    settings,
    publicBase: () => address,
    systemCode,
  });
}

/** Answers `/runtime/webhooks/durabletask/...` with the management API. */
export function createDurableDoor(durable: Durable): Door {
  return async (request, response, { url }) => {
    const body = await readBody(request);
    const answer = await durable.handle({ method: request.method ?? 'GET', url, headers: joinHeaders(request), body });
    const text = Buffer.from(answer.body ?? '');
    response.writeHead(answer.status, { ...answer.headers, 'content-length': String(text.length) }).end(text);
  };
}
