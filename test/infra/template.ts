import { readdirSync } from 'node:fs';
import { property, properties, readBicep } from './bicep.ts';
import { Evaluation } from './evaluate.ts';

export const mainFile = readBicep('infra/main.bicep');
export const parametersFile = readBicep('infra/main.bicepparam');
export const subscriptionFile = readBicep('infra/event-subscription.bicep');

/** Every Bicep file, the parameters file aside. */
export const bicepFiles = [
  mainFile,
  subscriptionFile,
  ...readdirSync('infra/modules')
    .filter((name) => name.endsWith('.bicep'))
    .map((name) => readBicep(`infra/modules/${name}`)),
];

export const fileAt = (path: string): (typeof bicepFiles)[number] => {
  const file = bicepFiles.find((entry) => entry.path === path);
  if (file === undefined) throw new Error(`There is no ${path}.`);
  return file;
};

/** What `azd` would deploy with these values in its environment: the parameters file applied to the template. */
export function deploymentWith(environment: Record<string, string>): Evaluation {
  const values = new Evaluation(parametersFile, { environment });
  const parameters = Object.fromEntries(parametersFile.variables.map(({ name }) => [name, values.named(name)]));
  return new Evaluation(mainFile, { parameters });
}

/** The parameters that main.bicep hands to one of its modules, worked out. */
export function parametersOf(deployment: Evaluation, symbol: string): Record<string, unknown> {
  const module = mainFile.modules.find((entry) => entry.symbol === symbol);
  if (module === undefined) throw new Error(`main.bicep has no module ${symbol}.`);
  return Object.fromEntries(
    properties(property(module.body, 'params')).map(([name, node]) => [name, deployment.value(node)]),
  );
}

/** The app settings the deployed app would see. */
export function appSettingsOf(deployment: Evaluation): Record<string, unknown> {
  const file = fileAt('infra/modules/function-app.bicep');
  const settings = file.resources.find((entry) => entry.symbol === 'appSettings');
  const node = property(settings?.body, 'properties');
  if (node === undefined) throw new Error('function-app.bicep sets no app settings.');
  const app = new Evaluation(file, { parameters: parametersOf(deployment, 'app') });
  return Object.fromEntries(Object.entries(app.value(node) ?? {}));
}
