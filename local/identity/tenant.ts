import type { IncomingMessage } from 'node:http';
import { notFound, notOffered, oauthRefusal, readText } from './answers.ts';
import { API_CLIENT_ID, clientSecret, findCaller, OTHER_TENANT_ID, TENANT_ID, type Caller } from './callers.ts';
import type { KeyRing } from './keys.ts';
import { findResource } from './resources.ts';
import { issuerV1, issuerV2, issueToken } from './tokens.ts';

/** What the doors of this server share. */
export interface Tenant {
  keys: KeyRing;
  /** Own address: issuer of 2.0 tokens and base of the published links. */
  authority: string;
  header: string;
}

const TENANTS: readonly string[] = [TENANT_ID, OTHER_TENANT_ID];

/** The tenant's public face: OpenID configuration, signing keys, token endpoint; in the forms 1.0 and 2.0. */
export async function answerTenant(tenant: Tenant, request: IncomingMessage, url: URL): Promise<unknown> {
  const [, tenantId = '', ...rest] = url.pathname.split('/');
  if (!TENANTS.includes(tenantId)) throw oauthRefusal(400, 'invalid_tenant', 90002, `Tenant '${tenantId}' not found.`);
  const path = rest.join('/');
  switch (`${request.method ?? ''} ${path}`) {
    case 'GET v2.0/.well-known/openid-configuration':
      return configuration(tenant.authority, tenantId, '2.0');
    case 'GET .well-known/openid-configuration':
      return configuration(tenant.authority, tenantId, '1.0');
    case 'GET discovery/v2.0/keys':
    case 'GET discovery/keys':
      return tenant.keys.jwks;
    case 'POST oauth2/v2.0/token':
      return issueForCredentials(tenant, tenantId, '2.0', await readForm(request));
    case 'POST oauth2/token':
      return issueForCredentials(tenant, tenantId, '1.0', await readForm(request));
    default:
      throw path.startsWith('oauth2/') ? notOffered(`${request.method ?? ''} ${path}`) : notFound(url.pathname);
  }
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  return new URLSearchParams(await readText(request));
}

function configuration(authority: string, tenantId: string, version: '1.0' | '2.0'): unknown {
  const base = `${authority}/${tenantId}`;
  const infix = version === '2.0' ? '/v2.0' : '';
  return {
    issuer: version === '2.0' ? issuerV2(authority, tenantId) : issuerV1(tenantId),
    token_endpoint: `${base}/oauth2${infix}/token`,
    // MSAL refuses a configuration without it; asking there is answered 501.
    authorization_endpoint: `${base}/oauth2${infix}/authorize`,
    jwks_uri: `${base}/discovery${infix}/keys`,
    token_endpoint_auth_methods_supported: ['client_secret_post'],
    response_types_supported: ['token'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
  };
}

/** Client credentials (RFC 6749 section 4.4); 2.0 asks by `scope`, 1.0 by `resource`. */
async function issueForCredentials(
  tenant: Tenant,
  tenantId: string,
  version: '1.0' | '2.0',
  form: URLSearchParams,
): Promise<unknown> {
  const grant = form.get('grant_type') ?? '';
  if (grant !== 'client_credentials') {
    throw oauthRefusal(400, 'unsupported_grant_type', 70003, `The grant type '${grant}' is not offered locally.`);
  }
  const caller = authenticate(tenantId, form);
  const resource = findResource(askedResource(version, form));
  if (!resource) {
    throw oauthRefusal(400, 'invalid_resource', 500011, 'The resource was not found in the local tenant.');
  }
  const tokenVersion = resource.isGatewayApi ? version : '1.0';
  const issued = await issueToken(tenant.keys, {
    caller,
    // A 2.0 token names its audience by client id, whatever the scope looked like.
    audience: tokenVersion === '2.0' ? API_CLIENT_ID : resource.audience,
    version: tokenVersion,
    authority: tenant.authority,
  });
  const expiresIn = issued.expiresOn - Math.floor(Date.now() / 1000);
  return version === '2.0'
    ? { token_type: 'Bearer', expires_in: expiresIn, ext_expires_in: expiresIn, access_token: issued.token }
    : {
        token_type: 'Bearer',
        expires_in: String(expiresIn),
        expires_on: String(issued.expiresOn),
        resource: resource.audience,
        access_token: issued.token,
      };
}

function authenticate(tenantId: string, form: URLSearchParams): Caller {
  const id = form.get('client_id') ?? '';
  const caller = findCaller(id);
  if (caller?.tenantId !== tenantId) {
    throw oauthRefusal(400, 'unauthorized_client', 700016, `Application '${id}' was not found in the directory.`);
  }
  if (form.get('client_secret') !== clientSecret(caller)) {
    throw oauthRefusal(401, 'invalid_client', 7000215, 'Invalid client secret provided.');
  }
  return caller;
}

function askedResource(version: '1.0' | '2.0', form: URLSearchParams): string {
  if (version === '1.0') return form.get('resource') ?? '';
  const scope = form.get('scope') ?? '';
  if (!/^\S+\/\.default$/.test(scope)) {
    throw oauthRefusal(400, 'invalid_scope', 1002012, `The scope '${scope}' is not valid: it must end in /.default.`);
  }
  return scope.slice(0, -'/.default'.length);
}
