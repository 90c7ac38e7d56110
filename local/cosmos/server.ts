import { listen, type RunningServer } from '../kit/server.ts';
import { Account } from './account.ts';
import { createKeyCheck, EMULATOR_KEY } from './auth/keys.ts';
import { createTokenCheck, type TokenSettings } from './auth/tokens.ts';
import { Catalog } from './store/catalog.ts';
import { openDatabase } from './store/open.ts';

export interface CosmosOptions {
  /** 0 (the default) takes a free port. */
  port?: number;
  /** PEM pair; the official client sends tokens over https only. */
  tls?: { cert: string; key: string };
  /** Path of the data file, which a restart finds again; by default everything is in memory. */
  dataFile?: string;
  /** The account's key, base64; by default the key that all emulators share. */
  key?: string;
  /** Whose Entra tokens are accepted; by default none. */
  tokens?: TokenSettings;
  /** Opens the control door under `/_control/` for tests. */
  control?: boolean;
}

/** How often expired documents are removed. Reads never see them, swept or not. */
const SWEEP_INTERVAL_MS = 10_000;

/**
 * Starts an account of Azure Cosmos DB for NoSQL on loopback: see README.md for what it promises and refuses.
 * @throws Error when the port or the data file is taken.
 */
export async function startCosmos(options: CosmosOptions = {}): Promise<RunningServer & { key: string }> {
  const key = options.key ?? EMULATOR_KEY;
  let clockOffsetMs = 0;
  const clock = () => Date.now() + clockOffsetMs;
  const catalog = new Catalog(openDatabase(options.dataFile ?? ':memory:'), clock);
  let port = 0;
  const account = new Account({
    catalog,
    clock,
    checkKey: createKeyCheck(key),
    checkToken: createTokenCheck(options.tokens, () => port),
    advanceClock: options.control ? (ms) => void (clockOffsetMs += ms) : undefined,
  });
  const server = await listen((request, response) => account.handle(request, response), options).catch(
    (error: unknown) => {
      catalog.close();
      throw error;
    },
  );
  port = server.port;
  const sweeper = setInterval(() => catalog.sweep(), SWEEP_INTERVAL_MS);
  sweeper.unref();
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    clearInterval(sweeper);
    await server.stop();
    account.close();
    catalog.close();
  };
  return { address: server.address, port: server.port, key, stop: () => (stopping ??= stop()) };
}
