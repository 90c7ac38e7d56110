import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { listen, type RunningServer } from '../kit/server.ts';
import { answerJson, Refusal } from './answers.ts';
import { API_CLIENT_ID, GATEWAY_CLIENT_ID, TENANT_ID } from './callers.ts';
import { answerControl } from './control.ts';
import { KeyRing } from './keys.ts';
import { managedIdentityToken } from './managed-identity.ts';
import { answerTenant, type Tenant } from './tenant.ts';
import { issuerV1 } from './tokens.ts';

export interface IdentityOptions {
  /** 0 (the default) takes a free port. Tokens of version 2.0 name the address as issuer: keep the port over a restart. */
  port?: number;
  /** PEM pair; MSAL insists on https for a tenant (not for a managed identity). */
  tls?: { cert: string; key: string };
  /** Where the signing keys are kept; without it they end with the process. */
  folder?: string;
}

export interface RunningIdentity extends RunningServer {
  /** For the app: IDENTITY_ENDPOINT. */
  readonly endpoint: string;
  /** For the app: IDENTITY_HEADER. Drawn anew at each start. */
  readonly header: string;
  /** For the app: AZURE_CLIENT_ID. */
  readonly clientId: string;
  readonly tenantId: string;
  /** Client id of the gateway's API: AUTH_AUDIENCE. */
  readonly apiClientId: string;
  /** With it the other stand-ins verify the bearer tokens they are given. */
  readonly tokens: { issuer: string; jwksUri: string };
}

const IDENTITY_PATH = '/msi/token';

/**
 * Starts the managed identity endpoint (App Service style), the tenant behind it and the control door.
 * @throws the `listen` error when the port is in use.
 */
export async function startIdentity(options: IdentityOptions = {}): Promise<RunningIdentity> {
  const keys = await KeyRing.open(options.folder === undefined ? undefined : join(options.folder, 'keys.json'));
  const tenant: Tenant = { keys, authority: '', header: randomUUID() };
  const server = await listen((request, response) => answer(tenant, request, response), options);
  tenant.authority = server.address;
  return {
    ...server,
    endpoint: `${server.address}${IDENTITY_PATH}`,
    header: tenant.header,
    clientId: GATEWAY_CLIENT_ID,
    tenantId: TENANT_ID,
    apiClientId: API_CLIENT_ID,
    tokens: { issuer: issuerV1(TENANT_ID), jwksUri: `${server.address}/${TENANT_ID}/discovery/v2.0/keys` },
  };
}

async function answer(tenant: Tenant, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const url = new URL(request.url ?? '/', tenant.authority);
    answerJson(response, 200, await route(tenant, request, url));
  } catch (error) {
    if (error instanceof Refusal) answerJson(response, error.status, error.body);
    else answerJson(response, 500, { error: 'server_error', error_description: String(error) });
  }
}

function route(tenant: Tenant, request: IncomingMessage, url: URL): Promise<unknown> {
  if (url.pathname === IDENTITY_PATH) return managedIdentityToken(tenant, request, url);
  if (url.pathname.startsWith('/_control/')) return answerControl(tenant, request, url);
  return answerTenant(tenant, request, url);
}
