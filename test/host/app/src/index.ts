/**
 * An app of the v4 model that uses what a host has to offer, and tells over HTTP what happened to it. Written for the
 * host suite: the same app runs on Core Tools.
 */
import { app } from '@azure/functions';
import { register as registerDurable } from './durable.ts';
import { register as registerFaults } from './faults.ts';
import { register as registerHttp } from './http.ts';
import { register as registerLifecycle } from './lifecycle.ts';
import { register as registerReports } from './reports.ts';
import { register as registerStreams } from './streams.ts';
import { register as registerTriggers } from './triggers.ts';

const streams = process.env.EXAMPLE_STREAMS === 'true';
if (streams) app.setup({ enableHttpStream: true });

registerReports();
registerLifecycle();
registerHttp();
registerFaults();
registerTriggers();
registerDurable();
if (streams) registerStreams();
