/** The tenant that the local world lives in. Made up: it exists nowhere else. */
export const TENANT_ID = '10ca1000-0000-4000-8000-000000000001';
/** Somebody else's tenant, with the same signing keys: only issuer and `tid` tell its tokens apart. */
export const OTHER_TENANT_ID = '10ca1000-0000-4000-8000-000000000002';
/** App registration of the gateway's API: what callers ask tokens for. */
export const API_CLIENT_ID = '10ca1000-0000-4000-8000-0000000000a1';
/** The app role that the registration defines. */
export const API_ROLE = 'Responses.Use';
/** The user-assigned identity that the local app runs under. */
export const GATEWAY_CLIENT_ID = '10ca1000-0000-4000-8000-0000000000c1';

/** A principal of the directory. */
export interface Caller {
  name: string;
  kind: 'user' | 'app' | 'managed-identity';
  tenantId: string;
  /** Client id of the app or identity; for a user, of the program that the user is signed in to. */
  clientId: string;
  objectId: string;
  /** Roles at the gateway's API. */
  roles: readonly string[];
}

const objectId = (last: string): string => `10ca1000-0000-4000-8000-0000000001${last}`;
const clientId = (last: string): string => `10ca1000-0000-4000-8000-0000000000${last}`;

/** Everybody who can get a token here. */
export const CALLERS: readonly Caller[] = [
  {
    name: 'gateway',
    kind: 'managed-identity',
    tenantId: TENANT_ID,
    clientId: GATEWAY_CLIENT_ID,
    objectId: objectId('01'),
    roles: [],
  },
  {
    name: 'alice',
    kind: 'user',
    tenantId: TENANT_ID,
    clientId: clientId('d1'),
    objectId: objectId('02'),
    roles: [API_ROLE],
  },
  {
    name: 'bob',
    kind: 'user',
    tenantId: TENANT_ID,
    clientId: clientId('d2'),
    objectId: objectId('03'),
    roles: [API_ROLE],
  },
  {
    name: 'logic-app',
    kind: 'managed-identity',
    tenantId: TENANT_ID,
    clientId: clientId('d3'),
    objectId: objectId('04'),
    roles: [API_ROLE],
  },
  {
    name: 'app-with-role',
    kind: 'app',
    tenantId: TENANT_ID,
    clientId: clientId('d4'),
    objectId: objectId('05'),
    roles: [API_ROLE],
  },
  {
    name: 'app-without-role',
    kind: 'app',
    tenantId: TENANT_ID,
    clientId: clientId('d5'),
    objectId: objectId('06'),
    roles: [],
  },
  {
    name: 'foreign-app',
    kind: 'app',
    tenantId: OTHER_TENANT_ID,
    clientId: clientId('d6'),
    objectId: objectId('07'),
    roles: [API_ROLE],
  },
];

/** Finds a caller by name or client id. */
export function findCaller(nameOrClientId: string): Caller | undefined {
  return CALLERS.find((caller) => caller.name === nameOrClientId || caller.clientId === nameOrClientId);
}

/** The client secret of a caller: nothing to keep, but a wrong one is refused as in Azure. */
export const clientSecret = (caller: Caller): string => `secret-of-${caller.name}`;
