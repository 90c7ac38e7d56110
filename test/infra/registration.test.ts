import { describe, expect, it } from 'vitest';
import { admit, ensureRegistration } from '../../tools/hooks/registration.ts';
import { createRest, listAt, RestError, textAt, type Rest } from '../../tools/hooks/rest.ts';
import { listen } from '../../local/kit/server.ts';

interface Directory extends Rest {
  applications: Record<string, unknown>[];
  principals: Record<string, unknown>[];
  assignments: Record<string, unknown>[];
  /** How often it still pretends not to know what was just made. */
  forgetful: number;
}

const fields = (body: unknown): Record<string, unknown> => Object.fromEntries(Object.entries(body ?? {}));

/** Microsoft Graph, as far as the registration goes. */
function directory(): Directory {
  const one: Directory = { applications: [], principals: [], assignments: [], forgetful: 0, send };
  const lists: Record<string, Record<string, unknown>[]> = {
    applications: one.applications,
    servicePrincipals: one.principals,
    appRoleAssignedTo: one.assignments,
  };
  function send(method: string, path: string, body?: unknown): Promise<unknown> {
    const [address = '', query = ''] = path.split('?');
    if (method !== 'GET' && !address.endsWith('/applications') && one.forgetful-- > 0) {
      return Promise.reject(new RestError(`Resource ${address} does not exist.`, 404));
    }
    const last = address.split('/').at(-1) ?? '';
    const list = lists[last];
    if (method === 'PATCH') {
      return Promise.resolve(Object.assign(one.applications.find((entry) => entry.id === last) ?? {}, fields(body)));
    }
    if (list === undefined) return Promise.reject(new RestError(`No ${address}`, 404));
    if (method === 'POST') {
      const made = { id: `${last}-${list.length}`, appId: 'client-id', ...fields(body) };
      list.push(made);
      return Promise.resolve(made);
    }
    const [, name, value] = /(\w+) eq '([^']*)'/.exec(decodeURIComponent(query)) ?? [];
    return Promise.resolve({ value: list.filter((entry) => name === undefined || entry[name] === value) });
  }
  return one;
}

describe('the application registration', () => {
  it('is made with its role, its address and a way in for the Azure CLI', async () => {
    const graph = directory();
    const registration = await ensureRegistration(graph, 'gateway', 'Responses.Use');
    expect(registration.clientId).toBe('client-id');
    expect(registration.principalId).toBe('servicePrincipals-0');
    const [application] = graph.applications;
    expect(application).toMatchObject({
      signInAudience: 'AzureADMyOrg',
      identifierUris: ['api://client-id'],
      appRoles: [{ value: 'Responses.Use', allowedMemberTypes: ['Application', 'User'], id: registration.roleId }],
    });
    expect(textAt(listAt(application, 'api', 'preAuthorizedApplications')[0], 'appId')).toMatch(/^04b07795-/);
  });

  it('waits until the directory knows what it has just made, and gives up when it never does', async () => {
    const graph = directory();
    graph.forgetful = 3;
    const registration = await ensureRegistration(graph, 'gateway', 'Responses.Use', { limitMs: 500, intervalMs: 1 });
    expect(registration.principalId).toBe('servicePrincipals-0');
    graph.forgetful = Number.POSITIVE_INFINITY;
    const never = admit(graph, registration, ['a-person'], { limitMs: 10, intervalMs: 1 });
    await expect(never).rejects.toThrow('does not exist');
  });

  it('is found again by the next deployment', async () => {
    const graph = directory();
    const first = await ensureRegistration(graph, 'gateway', 'Responses.Use');
    expect(await ensureRegistration(graph, 'gateway', 'Responses.Use')).toEqual(first);
    expect(graph.applications).toHaveLength(1);
    expect(graph.principals).toHaveLength(1);
  });

  it('is refused when one of that name has no such role', async () => {
    const graph = directory();
    await ensureRegistration(graph, 'gateway', 'Responses.Use');
    await expect(ensureRegistration(graph, 'gateway', 'Another.Role')).rejects.toThrow("no app role 'Another.Role'");
  });

  it('lets people and Logic Apps in, each once', async () => {
    const graph = directory();
    const registration = await ensureRegistration(graph, 'gateway', 'Responses.Use');
    await admit(graph, registration, ['a-person', 'a-logic-app']);
    await admit(graph, registration, ['a-logic-app', 'another']);
    expect(graph.assignments.map((entry) => entry.principalId)).toEqual(['a-person', 'a-logic-app', 'another']);
    expect(graph.assignments[0]).toMatchObject({ resourceId: 'servicePrincipals-0', appRoleId: registration.roleId });
  });
});

describe('the REST client of the hooks', () => {
  it('hands on the reason a service gives, and its status', async () => {
    const server = await listen((_request, response) => {
      response.writeHead(403).end(JSON.stringify({ error: { message: 'Insufficient privileges.' } }));
    });
    try {
      const call = createRest(server.address, 'a-token').send('POST', '/v1.0/applications', {});
      await expect(call).rejects.toMatchObject({ status: 403 });
      await expect(call).rejects.toThrow(/^POST \/v1.0\/applications: 403 Insufficient privileges\.$/);
    } finally {
      await server.stop();
    }
  });
});
