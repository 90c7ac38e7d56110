/** The reading thread: everything that takes a stranger's file apart, away from the thread that answers requests. */
import { parentPort } from 'node:worker_threads';
import { inspectPdf, UnreadablePdf } from './inspect.ts';
import type { ReadingAnswer, ReadingRequest } from './messages.ts';
import { faultOfSchema } from './schema-check.ts';

async function answer(request: ReadingRequest): Promise<ReadingAnswer> {
  const { id } = request;
  if (request.ask === 'schema') {
    const fault = faultOfSchema(request.schema);
    return fault === undefined ? { id, schemaOk: true } : { id, verdict: 'invalid_schema', message: fault };
  }
  try {
    return { id, inspection: await inspectPdf(request.path) };
  } catch (error) {
    if (!(error instanceof UnreadablePdf)) throw error;
    return { id, verdict: error.verdict, message: error.message };
  }
}

parentPort?.on('message', (request: ReadingRequest) => {
  void answer(request).then((message) => parentPort?.postMessage(message));
});
