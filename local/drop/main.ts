/** `npm run drop -- <file.pdf> …`: uploads PDFs, waits, prints what became of them. */
import { Command } from 'commander';
import { report } from '../world/process-end.ts';
import { StartFailure } from '../world/start-failure.ts';
import { dropFile, upload, type Outcome } from './drop-file.ts';
import { metadataOf, type Wishes } from './metadata.ts';
import { runWithProgress, type Job } from './progress.ts';
import { findSources, type Source } from './sources.ts';
import { explain, openAccount } from './target.ts';

interface Order extends Wishes {
  json?: boolean;
  account?: string;
}

/** A file whose end nobody knows: it could not be uploaded, or not be followed. */
interface Lost {
  state: 'failed';
  blob: string;
  reason: string;
}

const command = new Command('npm run drop --')
  .description('Drops PDFs into the container "pdfs", waits for the analyses and prints them.')
  .argument('<paths...>', 'PDF files, or folders that hold some (with their _prompt.md and _schema.json)')
  .option('--prompt <text>', 'what to do with the documents')
  .option('--schema <file>', 'JSON schema that the answers have to follow')
  .option('--model <deployment>', 'deployment that analyses them')
  .option('--account <name>', 'data account of a deployed app, by name or address, instead of the local world')
  .option('--json', 'print the results as JSON')
  .action(async (paths: string[], order: Order) => {
    const outcomes = await dropAll(paths, order);
    process.stdout.write(order.json ? `${JSON.stringify(outcomes, null, 2)}\n` : asMarkdown(outcomes));
    process.exitCode = outcomes.every((outcome) => outcome.state === 'completed') ? 0 : 1;
  });

async function dropAll(paths: readonly string[], order: Order): Promise<(Outcome | Lost)[]> {
  const [{ documents, guides }, metadata] = await Promise.all([findSources(paths), metadataOf(order)]);
  const service = await openAccount(order.account);
  for (const guide of guides) {
    await upload(service, guide, {}).catch((error: unknown) => {
      throw new StartFailure(`${guide.blob} cannot be uploaded: ${explain(error)}`);
    });
  }

  const outcomes = new Map<Source, Outcome | Lost>();
  const jobs = documents.map((source): Job => ({
    title: source.blob,
    run: async (progress) => {
      const outcome = await dropFile(service, source, metadata, progress).catch((error: unknown): Lost => ({
        state: 'failed',
        blob: source.blob,
        reason: explain(error),
      }));
      outcomes.set(source, outcome);
      if (outcome.state === 'failed') throw new Error(outcome.reason);
      return 'analysed';
    },
  }));
  await runWithProgress(jobs);
  return documents.flatMap((source) => outcomes.get(source) ?? []);
}

const asMarkdown = (outcomes: readonly (Outcome | Lost)[]): string =>
  outcomes.flatMap((outcome) => ('markdown' in outcome ? [`${outcome.markdown.trimEnd()}\n`] : [])).join('\n---\n\n');

try {
  await command.parseAsync();
} catch (error) {
  report(error);
  process.exitCode = 1;
}
