import { enableCompileCache } from 'node:module';
import { parseArgs } from 'node:util';

/** The SDKs ask for it, and Node strips types without a flag from here on. */
const LEAST_NODE = [22, 18] as const;

/** An app whose clean-up hangs is not waited for. */
const STOP_LIMIT_MS = 1800;

const USAGE = `Runs an Azure Functions app (Node.js, v4 model) without Azure.

  npm run host -- --app <folder> [--port <n>] [--state <folder>] [--auth] [--watch] [--blob-scan <seconds>]

  --app        folder of the built app
  --port       0 takes a free one (default: LocalHttpPort of local.settings.json, else 7071)
  --state      where keys, Durable's store and Azurite's data are kept (default: <app>/.local/host)
  --auth       checks keys, which it keeps in <state>/keys
  --watch      loads the app anew when one of its files has changed; SIGHUP does so at any time
  --blob-scan  seconds between two looks for new blobs (default: 10, as in Azure)
`;

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < LEAST_NODE[0] || (major === LEAST_NODE[0] && minor < LEAST_NODE[1])) {
  fail(`The host needs Node ${LEAST_NODE.join('.')} or newer; this is ${process.versions.node}.`);
}
process.setSourceMapsEnabled(true);
// Halves the time until the host is ready.
enableCompileCache();
await run();

async function run(): Promise<void> {
  const values = readArguments();
  if (values.help || values.app === undefined) {
    process.stderr.write(USAGE);
    process.exit(values.help ? 0 : 1);
  }
  // Without a listener the signal would end the process.
  const tooEarly = (): void => undefined;
  process.on('SIGHUP', tooEarly);
  const { startHost } = await import('./host.ts');
  const { StartError } = await import('./core/start-error.ts');
  try {
    const host = await startHost({
      appFolder: values.app,
      port: numberOf('port', values.port),
      stateFolder: values.state,
      auth: values.auth,
      blobScanIntervalMs: secondsOf('blob-scan', values['blob-scan']),
    });
    const stop = (): void => {
      setTimeout(() => process.exit(0), STOP_LIMIT_MS).unref();
      void host.stop().then(() => process.exit(0));
    };
    process.once('SIGTERM', stop);
    process.once('SIGINT', stop);
    const reload = (): void => void host.reload().catch((error: unknown) => process.stderr.write(`${String(error)}\n`));
    process.on('SIGHUP', reload).off('SIGHUP', tooEarly);
    if (values.watch) {
      const { watchApp } = await import('./watch.ts');
      await watchApp(values.app, reload);
    }
    process.stdout.write(`Ready: ${host.address}\n`);
  } catch (error) {
    if (error instanceof StartError) fail(error.message);
    fail(`The app could not be started: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
}

function readArguments() {
  try {
    return parseArgs({
      options: {
        app: { type: 'string' },
        port: { type: 'string' },
        state: { type: 'string' },
        auth: { type: 'boolean' },
        watch: { type: 'boolean' },
        'blob-scan': { type: 'string' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

function numberOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535) fail(`--${name} has to be a number from 0 to 65535.`);
  return value;
}

function secondsOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!(value > 0)) fail(`--${name} has to be a number of seconds.`);
  return value * 1000;
}

function fail(sentence: string): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}
