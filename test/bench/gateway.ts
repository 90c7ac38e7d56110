/**
 * The gateway against the simulator called directly and against a bare Node proxy, in one run: `npm run bench`.
 * Figures of this machine and ratios, beside the budgets that were set for two cores; not a test.
 * `npm run bench -- --only create,retrieve` takes some of them; `--background 200`, `--responses 2000` make it shorter.
 */
import { parseArgs } from 'node:util';
import { background, backgroundStream, completion } from './background.ts';
import { documents } from './documents.ts';
import { openStage, type Stage } from './stage.ts';
import { start } from './start.ts';
import { print, printHead, type Figure } from './table.ts';
import { chain, create, memory, retrieve, stream } from './turns.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    background: { type: 'string', default: '1000' },
    responses: { type: 'string', default: '10000' },
  },
});

/** Those that share a world. Memory comes last: it measures a host that has worked. */
const SHARED: Record<string, (stage: Stage) => AsyncGenerator<Figure>> = {
  create,
  stream,
  retrieve,
  chain,
  documents,
  'background-stream': backgroundStream,
  background: (stage) => background(stage, Number(values.background)),
  memory: (stage) => memory(stage, Number(values.responses)),
};
/** Those that have a world of their own. */
const ALONE: Record<string, () => AsyncGenerator<Figure>> = { start, completion };

const names = [...Object.keys(ALONE), ...Object.keys(SHARED)];
const wanted = values.only?.split(',') ?? names;
const unknown = wanted.filter((name) => !names.includes(name));
if (unknown.length > 0) throw new Error(`There is no ${unknown.join(', ')}; there are ${names.join(', ')}.`);

printHead();
for (const [name, measure] of Object.entries(ALONE)) {
  if (wanted.includes(name)) for await (const figure of measure()) print(figure);
}
const shared = Object.entries(SHARED).filter(([name]) => wanted.includes(name));
if (shared.length > 0) {
  const stage = await openStage();
  try {
    for (const [, measure] of shared) for await (const figure of measure(stage)) print(figure);
  } finally {
    await stage.stop();
  }
}
