import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { at, listAt, RestError, textAt, type Patience, type Rest } from './rest.ts';

/** The Azure CLI: allowed to get a token for the gateway without asking, so that people can try it with `az`. */
const AZURE_CLI_CLIENT_ID = '04b07795-8ddb-461a-bbee-02f9e1bf7b46';

export interface Registration {
  /** Client id of the application. */
  clientId: string;
  /** Object id of its service principal. */
  principalId: string;
  /** Id of the app role that callers must hold. */
  roleId: string;
}

/** What was just made is not known everywhere at once: Graph refuses to refer to it for some seconds. */
const REPLICATION: Patience = { limitMs: 60_000, intervalMs: 3_000 };

/** Sends what refers to something new, again and again while that is not known yet. */
async function sendWhenKnown(
  graph: Rest,
  call: { method: string; path: string; body: unknown },
  patience: Patience,
): Promise<unknown> {
  const end = Date.now() + patience.limitMs;
  for (;;) {
    try {
      return await graph.send(call.method, call.path, call.body);
    } catch (error) {
      const unknownYet = error instanceof RestError && (error.status === 400 || error.status === 404);
      if (!unknownYet || Date.now() > end) throw error;
    }
    await sleep(patience.intervalMs);
  }
}

/**
 * Makes the Entra application that stands for the gateway, or finds the one that an earlier deployment made.
 * Tokens for it are of version 2; callers hold the app role.
 * @throws {RestError} when the directory refuses: 403 = no right to register applications.
 */
export async function ensureRegistration(
  graph: Rest,
  name: string,
  appRole: string,
  patience: Patience = REPLICATION,
): Promise<Registration> {
  const application = (await findApplication(graph, name)) ?? (await createApplication(graph, name, appRole, patience));
  const clientId = textAt(application, 'appId');
  const role = listAt(application, 'appRoles').find((entry) => textAt(entry, 'value') === appRole);
  if (role === undefined) {
    throw new RestError(
      `The application ${name} has no app role '${appRole}': add it, or set AUTH_APP_ROLE to one it has.`,
      409,
    );
  }
  return { clientId, principalId: await ensurePrincipal(graph, clientId, patience), roleId: textAt(role, 'id') };
}

async function findApplication(graph: Rest, name: string): Promise<unknown> {
  const filter = encodeURIComponent(`displayName eq '${name.replaceAll("'", "''")}'`);
  return listAt(await graph.send('GET', `/v1.0/applications?$filter=${filter}`), 'value')[0];
}

async function createApplication(graph: Rest, name: string, appRole: string, patience: Patience): Promise<unknown> {
  const scopeId = randomUUID();
  const application = await graph.send('POST', '/v1.0/applications', {
    displayName: name,
    signInAudience: 'AzureADMyOrg',
    appRoles: [
      {
        id: randomUUID(),
        value: appRole,
        displayName: appRole,
        description: 'May use the gateway.',
        allowedMemberTypes: ['Application', 'User'],
        isEnabled: true,
      },
    ],
    api: {
      requestedAccessTokenVersion: 2,
      oauth2PermissionScopes: [
        {
          id: scopeId,
          value: 'user_impersonation',
          type: 'User',
          adminConsentDisplayName: 'Use the gateway',
          adminConsentDescription: 'Use the gateway on behalf of the signed-in user.',
          isEnabled: true,
        },
      ],
    },
  });
  // Both refer to what has just been made, so they need a second call.
  const body = {
    identifierUris: [`api://${textAt(application, 'appId')}`],
    api: {
      preAuthorizedApplications: [{ appId: AZURE_CLI_CLIENT_ID, delegatedPermissionIds: [scopeId] }],
    },
  };
  const path = `/v1.0/applications/${textAt(application, 'id')}`;
  await sendWhenKnown(graph, { method: 'PATCH', path, body }, patience);
  return application;
}

async function ensurePrincipal(graph: Rest, clientId: string, patience: Patience): Promise<string> {
  const found = await findPrincipal(graph, clientId);
  if (found !== undefined) return found;
  const call = { method: 'POST', path: '/v1.0/servicePrincipals', body: { appId: clientId } };
  return textAt(await sendWhenKnown(graph, call, patience), 'id');
}

/** Object id of the service principal of an application, or undefined. */
async function findPrincipal(graph: Rest, clientId: string): Promise<string | undefined> {
  const filter = encodeURIComponent(`appId eq '${clientId}'`);
  const first = listAt(await graph.send('GET', `/v1.0/servicePrincipals?$filter=${filter}`), 'value')[0];
  return first === undefined ? undefined : textAt(first, 'id');
}

/**
 * Gives the app role to people, groups and managed identities (of Logic Apps, for example) by their object ids.
 * Who holds it already is left alone.
 */
export async function admit(
  graph: Rest,
  registration: Registration,
  objectIds: readonly string[],
  patience: Patience = REPLICATION,
): Promise<void> {
  const path = `/v1.0/servicePrincipals/${registration.principalId}/appRoleAssignedTo`;
  const held = listAt(await graph.send('GET', `${path}?$top=999`), 'value');
  const holders = new Set(
    held.filter((entry) => at(entry, 'appRoleId') === registration.roleId).map((entry) => textAt(entry, 'principalId')),
  );
  for (const objectId of objectIds) {
    if (holders.has(objectId)) continue;
    const body = { principalId: objectId, resourceId: registration.principalId, appRoleId: registration.roleId };
    await sendWhenKnown(graph, { method: 'POST', path, body }, patience);
  }
}
