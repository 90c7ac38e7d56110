import { deployments, events, region } from './azure-checks.ts';
import type { Check } from './check.ts';
import {
  background,
  clock,
  containers,
  cosmos,
  files,
  functions,
  health,
  responses,
  tokenCounting,
} from './gateway-checks.ts';
import { deploymentSettings, endpointForm, storageSettings } from './settings-checks.ts';
import { blobs, identity, queues } from './store-checks.ts';

/** From what everything else needs to what needs everything else. */
export const checks: readonly Check[] = [
  health,
  clock,
  endpointForm,
  region,
  deploymentSettings,
  deployments,
  storageSettings,
  identity,
  functions,
  blobs,
  queues,
  cosmos,
  responses,
  tokenCounting,
  files,
  containers,
  background,
  events,
];
