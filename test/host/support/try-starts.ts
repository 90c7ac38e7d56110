/**
 * Tries to start the embedded host for several apps, one after the other in one process, and prints what became of
 * each as a line of JSON. Input: an array of `{ appFolder, settings? }` as the first argument.
 */
import { z } from 'zod';
import { startHost } from '../../../local/host/host.ts';

const attempts = z
  .array(z.object({ appFolder: z.string(), settings: z.record(z.string(), z.string()).default({}) }))
  .parse(JSON.parse(process.argv[2] ?? '[]'));

for (const { appFolder, settings } of attempts) {
  const log: string[] = [];
  Object.assign(process.env, settings);
  let outcome = 'started';
  try {
    const host = await startHost({ appFolder, port: 0, log: (_level, _category, message) => void log.push(message) });
    await host.stop();
  } catch (error) {
    outcome = error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  for (const name of Object.keys(settings)) Reflect.deleteProperty(process.env, name);
  process.stdout.write(`${JSON.stringify({ outcome, log })}\n`);
}
process.exit(0);
