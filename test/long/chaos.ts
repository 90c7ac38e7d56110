/**
 * Kills the host again and again while background responses are made, watched, cancelled and repeated, and counts what became
 * of them: `npm run chaos`, or `npm run chaos -- 40 8 7` for 40 responses, 8 kills and the seed 7. Ends with 1 when one was lost,
 * paid for more often than was noted, or never told of, or when a caller has seen what no caller should.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { randomInt } from 'node:crypto';
import { Random } from '../host/durable/random.ts';
import { takeBroken } from '../support/answers/checked-fetch.ts';
import { startReceiver } from '../support/receiver.ts';
import { recordsIn } from '../support/records.ts';
import { steer } from '../support/simulator.ts';
import { newCaller, startWorld } from '../support/world.ts';
import { FORMS, play, type Form, type Made } from './chaos-callers.ts';

const [responses = 200, kills = 50, seed = randomInt(1_000_000)] = process.argv.slice(2).map(Number);
const SETTLE_MINUTES = 8;
const TERMINAL = /^(completed|failed|incomplete|cancelled)$/;
process.stdout.write(`responses: ${responses}, kills: ${kills}, seed: ${seed}\n`);

interface Stored {
  id: string;
  status: string;
  preview: string;
  run?: { possiblyDuplicated?: true };
  error?: { message: string } | null;
}

const receiver = await startReceiver();
const world = await startWorld({
  environment: { WEBHOOK_URL: receiver.address, WEBHOOK_SECRETS: receiver.secret },
});
const caller = newCaller(world.endpoints);
const stage = { world, caller, until: Infinity };
const made: Made[] = [];

async function makeAll(): Promise<void> {
  const random = new Random(seed);
  const all: Promise<void>[] = [];
  for (let n = 0; n < responses; n += 1) {
    const form: Form = FORMS[random.between(0, FORMS.length - 1)] ?? 'plain';
    const one: Made = { form, azure: steer(world.endpoints), faults: [] };
    made.push(one);
    const [runningMs, cancelAfterMs] = [random.between(200, 4_000), random.between(0, 2_000)];
    if (form === 'streamed') await one.azure.plan('create', { kind: 'slow', betweenMs: runningMs / 20 });
    else await one.azure.plan('create', { kind: 'pace', runningMs }, { times: 'always' });
    all.push(play(stage, one, cancelAfterMs));
    await pause(random.between(20, 2_000));
  }
  await Promise.all(all);
}

async function killAll(): Promise<void> {
  const random = new Random(seed + 1);
  for (let n = 0; n < kills; n += 1) {
    await pause(random.between(200, 3_000));
    await world.killHost();
    process.stdout.write(`\rkill ${n + 1} of ${kills}`);
  }
}

async function stored(): Promise<Stored[]> {
  const query = {
    query: 'SELECT c.id, c.status, c.preview, c.run, c.envelope.inline.error FROM c WHERE c.owner = @owner',
    parameters: [{ name: '@owner', value: caller.key }],
  };
  return (await (await recordsIn(world.endpoints)).items.query<Stored>(query).fetchAll()).resources;
}

const isOver = ({ id, status }: Stored): boolean => TERMINAL.test(status) && receiver.about(id).length > 0;

const making = makeAll();
await killAll();
stage.until = Date.now() + SETTLE_MINUTES * 60_000;
await making;
let records = await stored();
while (Date.now() < stage.until && !records.every(isOver)) {
  await pause(1_000);
  records = await stored();
}

const known = new Set(records.map(({ id }) => id));
const unfinished = records.filter(({ status }) => !TERMINAL.test(status)).length;
const vanished = made.filter(({ id }) => id !== undefined && !known.has(id)).length;
const counts = { duplicated: 0, unexplained: 0 };
for (const { azure, id } of made) {
  const runs = await azure.runs();
  if (runs <= 1) continue;
  counts.duplicated += 1;
  const record = records.find((one) => one.id === id || one.preview.includes(azure.marker));
  if (record?.run?.possiblyDuplicated !== true || runs > 2) counts.unexplained += 1;
}
const faults = [
  ...made.flatMap((one) => one.faults.map((fault) => `${one.form} ${one.id ?? '(no id)'}: ${fault}`)),
  ...takeBroken().map(({ message }) => message),
];
const byStatus = Object.entries(Object.groupBy(records, ({ status }) => status));
const summary = {
  accepted: records.length,
  finished: records.length - unfinished,
  ...Object.fromEntries(byStatus.map(([status, ones = []]) => [`  ${status}`, ones.length])),
  lost: unfinished + vanished,
  duplicated: counts.duplicated,
  'duplicated without a note': counts.unexplained,
  'never told of': records.filter((one) => !isOver(one)).length - unfinished,
  'seen by callers': faults.length,
  kills,
  seed,
};
// Nothing fails at the service here: whoever failed was given up, and says why.
const reasons = records.flatMap(({ id, error }) => (error == null ? [] : [`${id}: ${error.message}`]));
const lines = [...Object.entries(summary).map(([name, count]) => `${name}: ${count}`), ...reasons, ...faults];
process.stdout.write(`\r${lines.join('\n')}\n`);
process.exitCode = summary.lost + counts.unexplained + summary['never told of'] + faults.length > 0 ? 1 : 0;
await world.stop();
await receiver.stop();
