/**
 * Kills the host again and again while background responses are made, and counts what became of them: `npm run chaos`,
 * or `npm run chaos -- 40 8` for 40 responses and 8 kills. Ends with 1 when one was lost, or paid for more often than was noted.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { randomInt } from 'node:crypto';
import { steer, type Steering } from '../support/simulator.ts';
import { newCaller, openDatabase, startWorld } from '../support/world.ts';

const [responses = 200, kills = 50] = process.argv.slice(2).map(Number);
const SETTLE_MINUTES = 6;
const TERMINAL = /^(completed|failed|incomplete|cancelled)$/;

interface Stored {
  id: string;
  status: string;
  preview: string;
  run?: { possiblyDuplicated?: true };
}

const world = await startWorld();
const { key, client } = newCaller(world.endpoints);
const made: { azure: Steering; id?: string }[] = [];

/** A create whose answer is lost in a kill is accepted or not: the store tells at the end. */
async function make(streamed: boolean): Promise<void> {
  const entry: { azure: Steering; id?: string } = { azure: steer(world.endpoints) };
  made.push(entry);
  await entry.azure.plan('create', { kind: 'pace', runningMs: randomInt(200, 4_000) }, { times: 'always' });
  const input = `Say ${entry.azure.marker}`;
  try {
    if (streamed) {
      const stream = await client.responses.create({ model: 'gpt-4.1', input, background: true, stream: true });
      for await (const event of stream) if (event.type === 'response.created') entry.id = event.response.id;
    } else {
      entry.id = (await client.responses.create({ model: 'gpt-4.1', input, background: true })).id;
    }
  } catch {
    // The host is being killed: that is what this is about.
  }
}

const making = (async () => {
  const all: Promise<void>[] = [];
  for (let n = 0; n < responses; n += 1) {
    all.push(make(n % 4 === 0));
    await pause(randomInt(20, 400));
  }
  await Promise.all(all);
})();
for (let n = 0; n < kills; n += 1) {
  await pause(randomInt(200, 2_000));
  await world.killHost();
  process.stdout.write(`\rkill ${n + 1} of ${kills}`);
}
await making;

const chains = (await openDatabase(world.endpoints)).container('chains');
const stored = async (): Promise<Stored[]> => {
  const query = {
    query: 'SELECT c.id, c.status, c.preview, c.run FROM c WHERE c.owner = @owner',
    parameters: [{ name: '@owner', value: key }],
  };
  return (await chains.items.query<Stored>(query).fetchAll()).resources;
};
const until = Date.now() + SETTLE_MINUTES * 60_000;
let records = await stored();
while (Date.now() < until && records.some(({ status }) => !TERMINAL.test(status))) {
  await pause(1_000);
  records = await stored();
}

const known = new Set(records.map(({ id }) => id));
const unfinished = records.filter(({ status }) => !TERMINAL.test(status)).length;
const vanished = made.filter(({ id }) => id !== undefined && !known.has(id)).length;
let [duplicated, unexplained] = [0, 0];
for (const { azure } of made) {
  const runs = await azure.runs();
  if (runs <= 1) continue;
  duplicated += 1;
  const record = records.find(({ preview }) => preview.includes(azure.marker));
  if (record?.run?.possiblyDuplicated !== true || runs > 2) unexplained += 1;
}
await world.stop();

const summary = {
  accepted: records.length,
  finished: records.length - unfinished,
  completed: records.filter(({ status }) => status === 'completed').length,
  lost: unfinished + vanished,
  duplicated,
  'duplicated without a note': unexplained,
  kills,
};
process.stdout.write(
  `\r${Object.entries(summary)
    .map(([name, count]) => `${name}: ${count}`)
    .join('\n')}\n`,
);
process.exitCode = summary.lost + unexplained > 0 ? 1 : 0;
