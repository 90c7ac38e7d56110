import { parentOf } from '../chains/access.ts';
import type { ChainStore } from '../chains/store.ts';
import { GatewayError } from '../errors.ts';
import type { Config } from '../platform/config.ts';
import { newChainId, newResponseId } from '../platform/ids.ts';
import { PLAIN_CREATE_LIMIT_MS } from '../platform/limits.ts';
import type { ServiceClient } from '../upstream/client.ts';
import type { JsonObject } from '../upstream/wire.ts';
import type { Ask } from './ask.ts';
import { refuseModel } from './prepare.ts';
import type { ResolveReferences } from './references.ts';
import { refuseMasks, refuseStrangers } from './request.ts';

export interface ContextCallDeps {
  store: ChainStore;
  service: Pick<ServiceClient, 'json'>;
  ask: Ask;
  resolveReferences: ResolveReferences;
  config: Pick<Config, 'allowedModels'>;
}

/** Calls about a context that create no response: `compact` and `input_tokens`. */
export interface ContextCalls {
  /** A smaller window to send as `input`. Its id leads nowhere: it is not a response. */
  compact(owner: string, body: JsonObject): Promise<JsonObject>;
  countTokens(owner: string, body: JsonObject): Promise<JsonObject>;
}

export function createContextCalls(deps: ContextCallDeps): ContextCalls {
  const call = async (
    owner: string,
    body: JsonObject,
    target: { path: string; operation: string },
  ): Promise<JsonObject> => {
    const { previous_response_id: previous, model } = body;
    refuseStrangers(body);
    refuseMasks(body);
    if (typeof model === 'string') refuseModel(deps.config.allowedModels, model);
    if (previous != null && typeof previous !== 'string') {
      throw new GatewayError('invalid_value', "'previous_response_id' must be a string.", {
        param: 'previous_response_id',
      });
    }
    const parent = previous == null ? undefined : await parentOf(deps.store, owner, previous);
    const { body: serviceBody } = await deps.resolveReferences(owner, body);
    const { answer } = await deps.ask({ serviceBody, parent }, (asked) =>
      deps.service.json({ method: 'post', ...target, body: asked, retries: 0 }, { timeoutMs: PLAIN_CREATE_LIMIT_MS }),
    );
    return answer.body;
  };
  return {
    async compact(owner, body) {
      if (typeof body.model !== 'string') {
        throw new GatewayError('invalid_value', "Missing required parameter: 'model'.", { param: 'model' });
      }
      const compacted = await call(owner, body, { path: '/responses/compact', operation: 'responses.compact' });
      return { ...compacted, id: newResponseId(newChainId()) };
    },
    countTokens: (owner, body) =>
      call(owner, body, { path: '/responses/input_tokens', operation: 'responses.input_tokens' }),
  };
}
