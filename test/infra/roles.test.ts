import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { literal, nodesOf, properties, property } from './bicep.ts';
import { bicepFiles, deploymentWith, mainFile, parametersOf } from './template.ts';

/** Ids of the built-in roles, from Microsoft's list of built-in roles and of the data-plane roles of Cosmos DB. */
const BUILT_IN_ROLES: Record<string, string> = {
  'Cognitive Services OpenAI Contributor': 'a001fd3d-188f-4b5d-821b-7da978bf7442',
  'Cognitive Services OpenAI User': '5e0bd9bd-7b93-4f28-af87-19fc36ad61bd',
  'Cosmos DB Built-in Data Contributor': '00000000-0000-0000-0000-000000000002',
  'Monitoring Metrics Publisher': '3913510d-42f4-4e42-8a64-420c390055eb',
  'Storage Blob Data Contributor': 'ba92f5b4-2d11-453d-a403-e96b0029c9fe',
  'Storage Blob Data Owner': 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b',
  'Storage Queue Data Contributor': '974c5e8b-45b9-4653-ba55-5f855dd0fb88',
  'Storage Table Data Contributor': '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3',
};

interface Role {
  role: string;
  id: string;
  why: string;
}

interface Roles {
  app: Record<string, Role[]>;
  eventGrid: Record<string, Role[]>;
  deployer: Record<string, Role[]>;
  openAiFiles: { role: string; why: string; dataActions: string[] };
}

// The file is ours and its shape is what the templates' own type demands.
const roles = JSON.parse(readFileSync('infra/roles.json', 'utf8')) as Roles;
const everyRole = [roles.app, roles.eventGrid, roles.deployer].flatMap((group) => Object.values(group).flat());

/** What the app may do, and on what. Whoever changes this changes docs/deploy.md and knows why. */
const LEAST = {
  hostStorage: ['Storage Blob Data Owner', 'Storage Queue Data Contributor', 'Storage Table Data Contributor'],
  dataStorage: ['Storage Blob Data Contributor', 'Storage Queue Data Contributor'],
  pdfContainer: ['Storage Blob Data Owner'],
  insights: ['Monitoring Metrics Publisher'],
  openAi: ['Cognitive Services OpenAI User'],
  openAiContributor: ['Cognitive Services OpenAI Contributor'],
  cosmos: ['Cosmos DB Built-in Data Contributor'],
};

describe('the roles', () => {
  it('have the ids that their names have', () => {
    expect(everyRole.filter(({ role, id }) => BUILT_IN_ROLES[role] !== id)).toEqual([]);
  });

  it('each say why', () => {
    expect([...everyRole, roles.openAiFiles].filter(({ why }) => why.length < 40)).toEqual([]);
  });

  it('are the least set', () => {
    const given = Object.entries(roles.app).map(([on, list]) => [on, list.map(({ role }) => role)]);
    expect(Object.fromEntries(given)).toEqual(LEAST);
    expect(roles.openAiFiles.dataActions.map((action) => action.split('/').slice(-2).join('/'))).toEqual([
      'files/read',
      'files/write',
      'files/delete',
    ]);
  });

  it('are all given by the template', () => {
    const unused = Object.keys(roles.app).filter((on) => !usesOf('app').includes(on));
    expect(unused).toEqual([]);
    expect(usesOf('eventGrid')).toContain('deadLetters');
    expect(usesOf('deployer')).toContain('dataStorage');
  });

  it('are given on a resource or a part of one, never on a group or a subscription', () => {
    const wide = assignments()
      .filter(({ body }) => !/^(\w+|\w+(::\w+)+)$/.test(property(body, 'scope')?.text ?? ''))
      .map(({ path, symbol }) => `${path}: ${symbol}`);
    expect(wide).toEqual([]);
    const scopes = bicepFiles.flatMap((file) =>
      file.resources
        .filter(({ target }) => target.startsWith('Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments'))
        .map(({ body }) => property(property(body, 'properties'), 'scope')?.text),
    );
    expect(scopes).toEqual(["'${account.id}/dbs/${database.name}'"]);
  });

  it('have a name that does not change from one deployment to the next', () => {
    const loose = assignments()
      .filter(({ body }) => !/^guid\(.+\)$/.test(property(body, 'name')?.text ?? ''))
      .map(({ path, symbol }) => `${path}: ${symbol}`);
    expect(loose).toEqual([]);
  });

  it('come before the app, which would start with errors otherwise', () => {
    const app = mainFile.modules.find(({ symbol }) => symbol === 'app');
    expect(property(app?.body, 'dependsOn')?.text).toBe('[access, privateEndpoints]');
    const settings = properties(
      property(property(app?.body, 'params'), 'settings')?.namedChildren[1]?.namedChildren[1],
    );
    expect(settings.filter(([, value]) => /^(openAiAccess|cosmosDatabase)\.outputs/.test(value.text))).toHaveLength(2);
  });

  it('welcome a person and a pipeline alike', () => {
    const deployer = assignments().find(({ symbol }) => symbol === 'ofDeployer');
    expect(properties(property(deployer?.body, 'properties')).map(([name]) => name)).not.toContain('principalType');
    expect(parametersOf(deploymentWith({ AZURE_PRINCIPAL_ID: 'me' }), 'access')).toMatchObject({ deployerId: 'me' });
  });
});

/** Names in `roles.<group>.<name>`, and everything when the group is handed over whole. */
function usesOf(group: 'app' | 'eventGrid' | 'deployer'): string[] {
  const texts = bicepFiles.map((file) => file.root.text).join('\n');
  const named = [...texts.matchAll(new RegExp(`roles\\.${group}\\.(\\w+)`, 'g'))].map((match) => match[1] ?? '');
  const within = [...texts.matchAll(/appRoles\.(\w+)/g)].map((match) => match[1] ?? '');
  return [...named, ...(group === 'app' ? within : [])];
}

function assignments(): { path: string; symbol: string; body: (typeof mainFile.resources)[number]['body'] }[] {
  return bicepFiles.flatMap((file) =>
    file.resources
      .filter(({ target, existing }) => target.startsWith('Microsoft.Authorization/roleAssignments') && !existing)
      .map(({ symbol, body }) => ({ path: file.path, symbol, body })),
  );
}

describe('keys', () => {
  it('are switched off wherever they can be', () => {
    const off = bicepFiles.flatMap((file) =>
      nodesOf(file.root, (node) => node.type === 'object_property').filter((node) =>
        /^(disableLocalAuth|DisableLocalAuth|allowSharedKeyAccess|allowBlobPublicAccess)$/.test(
          node.namedChildren[0]?.text ?? '',
        ),
      ),
    );
    expect(off.map((node) => node.text).toSorted()).toEqual([
      'DisableLocalAuth: true',
      'allowBlobPublicAccess: false',
      'allowSharedKeyAccess: false',
      'disableLocalAuth: true',
      'disableLocalAuth: true',
    ]);
  });

  it('are read in one place only, where Event Grid needs the one of the host', () => {
    const readers = bicepFiles.filter((file) => /listKeys|listSecrets|listCredentials/.test(file.root.text));
    expect(readers.map((file) => file.path)).toEqual(['infra/event-subscription.bicep']);
  });

  it('do not stand in the templates as text', () => {
    const long = bicepFiles.flatMap((file) =>
      nodesOf(file.root, (node) => node.type === 'string').filter((node) =>
        /^[A-Za-z0-9+/=]{40,}$/.test(literal(node) ?? ''),
      ),
    );
    expect(long.map((node) => node.text)).toEqual([]);
  });
});
