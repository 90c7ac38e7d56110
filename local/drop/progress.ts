import { Listr, ListrLogger, ProcessOutput, type ListrTask } from 'listr2';
import type { Progress } from './drop-file.ts';

export interface Job {
  title: string;
  /** Resolves with how the line ends; throws what makes it a failed one. */
  run(progress: Progress): Promise<string>;
}

/** Many files wait for their analysis at the same time; the app decides how many it works on. */
const AT_ONCE = 32;
const TICK_MS = 1_000;
/** Some terminals of build machines say that they are one, and zero columns wide. */
const CAN_DRAW = process.stderr.isTTY && process.stderr.columns > 0;

/** Runs the jobs with a line for each on stderr: stdout is for the results. Never throws: a failed job is a failed line. */
export async function runWithProgress(jobs: readonly Job[]): Promise<void> {
  // The first stream is the one that listr2 draws on.
  const logger = new ListrLogger({ processOutput: new ProcessOutput(process.stderr, process.stdout), toStderr: [] });
  await new Listr(jobs.map(taskOf), {
    concurrent: AT_ONCE,
    exitOnError: false,
    renderer: CAN_DRAW ? 'default' : 'simple',
    rendererOptions: { logger, collapseErrors: false },
    fallbackRenderer: 'simple',
    fallbackRendererOptions: { logger },
  }).run();
}

function taskOf(job: Job): ListrTask {
  return {
    title: job.title,
    task: async (_context, line) => {
      let ticking: NodeJS.Timeout | undefined;
      const progress: Progress = {
        uploading: (share) => {
          if (CAN_DRAW) line.title = `${job.title}: uploading, ${Math.round(share * 100)} %`;
        },
        waiting: () => {
          line.title = `${job.title}: uploaded, being analysed`;
          const since = Date.now();
          if (!CAN_DRAW) return;
          ticking = setInterval(() => {
            line.title = `${job.title}: being analysed, ${Math.round((Date.now() - since) / 1_000)} s`;
          }, TICK_MS);
        },
      };
      try {
        line.title = `${job.title}: ${await job.run(progress)}`;
      } catch (error) {
        line.title = job.title;
        throw error;
      } finally {
        clearInterval(ticking);
      }
    },
  };
}
