import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { identityRefusal } from './answers.ts';
import { findCaller, GATEWAY_CLIENT_ID, type Caller } from './callers.ts';
import { findResource } from './resources.ts';
import type { Tenant } from './tenant.ts';
import { issueToken } from './tokens.ts';

const API_VERSION = '2019-08-01';

/**
 * `GET /msi/token?api-version=2019-08-01&resource=...[&client_id=...]` with header `X-IDENTITY-HEADER`,
 * as App Service and Functions offer it (learn.microsoft.com, "Use managed identities for App Service").
 * @throws Refusal as the platform does.
 */
export async function managedIdentityToken(tenant: Tenant, request: IncomingMessage, url: URL): Promise<unknown> {
  if (request.method !== 'GET') throw identityRefusal(405, 'Only GET is allowed.');
  if (!sameText(request.headers['x-identity-header'], tenant.header)) {
    // The header is what keeps a page or a redirected request from fetching tokens.
    throw identityRefusal(401, 'X-IDENTITY-HEADER is missing or does not match IDENTITY_HEADER.');
  }
  const query = url.searchParams;
  if (query.get('api-version') !== API_VERSION) {
    throw identityRefusal(400, `api-version must be ${API_VERSION}.`);
  }
  const caller = selectedIdentity(query);
  const asked = query.get('resource') ?? '';
  const resource = findResource(asked);
  if (!resource) throw identityRefusal(400, `The resource '${asked}' is not known to the local tenant.`);

  const issued = await issueToken(tenant.keys, {
    caller,
    audience: resource.audience,
    version: '1.0',
    authority: tenant.authority,
  });
  return {
    access_token: issued.token,
    client_id: caller.clientId,
    expires_on: String(issued.expiresOn),
    resource: asked,
    token_type: 'Bearer',
  };
}

/** The app has one identity, user-assigned; whoever does not choose gets it too. */
function selectedIdentity(query: URLSearchParams): Caller {
  for (const selector of ['principal_id', 'object_id', 'mi_res_id']) {
    if (query.has(selector)) throw identityRefusal(400, `${selector} is not offered locally; use client_id.`);
  }
  const clientId = query.get('client_id') ?? GATEWAY_CLIENT_ID;
  const caller = findCaller(clientId);
  if (caller?.clientId !== GATEWAY_CLIENT_ID) {
    throw identityRefusal(400, `No User Assigned Managed Identity found for client id ${clientId}.`);
  }
  return caller;
}

function sameText(given: string | string[] | undefined, expected: string): boolean {
  const left = Buffer.from(String(given));
  const right = Buffer.from(expected);
  return left.byteLength === right.byteLength && timingSafeEqual(left, right);
}
