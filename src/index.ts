import { app } from '@azure/functions';
import { getProgrammingModel } from '@azure/functions-core';
import * as artifacts from './functions/artifacts.ts';
import * as background from './functions/background.ts';
import * as chains from './functions/chains.ts';
import * as containers from './functions/containers.ts';
import * as createResponse from './functions/create-response.ts';
import * as documents from './functions/documents.ts';
import * as files from './functions/files.ts';
import * as health from './functions/health.ts';
import * as jobs from './functions/jobs.ts';
import * as maintenance from './functions/maintenance.ts';
import * as misconfigured from './functions/misconfigured.ts';
import * as models from './functions/models.ts';
import * as openapi from './functions/openapi.ts';
import * as responses from './functions/responses.ts';
import * as unknown from './functions/unknown.ts';
import * as webhooks from './functions/webhooks.ts';
import { endLostRequests } from './http/lost-requests.ts';
import { ConfigurationError, readConfig } from './platform/config.ts';
import { createServices } from './services.ts';

app.setup({ enableHttpStream: true });

// It tells of addresses, not of settings.
openapi.register();

try {
  const services = createServices(readConfig());
  health.register();
  createResponse.register(services);
  responses.register(services);
  jobs.register(services);
  webhooks.register(services);
  background.register(services);
  files.register(services);
  containers.register(services);
  models.register(services);
  documents.register(services);
  chains.register(services);
  artifacts.register(services);
  maintenance.register(services);
  unknown.register(services);
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  // The app stays up to say what is wrong: an app without functions only says that it has none.
  process.stderr.write(`${error.message}\n`);
  health.register(error);
  misconfigured.register();
}

// The library registers itself with the first function.
endLostRequests(getProgrammingModel());
