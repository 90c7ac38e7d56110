/** A worker thread that sends GET requests; `workerData` is a {@link Load}, its one message the median time in ms. */
import { Agent, request } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';

const load = z.object({ url: z.string(), connections: z.number(), count: z.number() });

/** What to send. */
export type Load = z.infer<typeof load>;

const { url, connections, count } = load.parse(workerData);
const agent = new Agent({ keepAlive: true, maxSockets: connections });
const times: number[] = [];
let left = count;

function once(): Promise<void> {
  return new Promise((resolve, reject) => {
    request(url, { agent }, (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`status ${answer.statusCode ?? 0}`));
      answer.resume().once('end', resolve);
    })
      .once('error', reject)
      .end();
  });
}

async function sendUntilDone(): Promise<void> {
  while (left-- > 0) {
    const before = performance.now();
    await once();
    times.push(performance.now() - before);
  }
}

await Promise.all(Array.from({ length: connections }, sendUntilDone));
agent.destroy();
times.sort((a, b) => a - b);
parentPort?.postMessage(times[Math.floor(times.length / 2)]);
