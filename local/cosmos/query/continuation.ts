import { z } from 'zod';
import { badRequest } from '../errors.ts';

/** Where the next page of a query begins. Callers take it as an opaque text. */
export type Resume =
  /** Behind this document in the order of the query; `taken` rows went before (for TOP, OFFSET and LIMIT). */
  | { kind: 'document'; rid: number; keys: (string | number)[]; taken: number }
  /** At this row of a result that is computed as a whole: GROUP BY, DISTINCT, JOIN. */
  | { kind: 'row'; index: number };

const resumeSchema = z.union([
  z.object({
    kind: z.literal('document'),
    rid: z.int(),
    keys: z.array(z.union([z.string(), z.number()])),
    taken: z.int(),
  }),
  z.object({ kind: z.literal('row'), index: z.int() }),
]);

export function writeContinuation(resume: Resume): string {
  return Buffer.from(JSON.stringify(resume)).toString('base64');
}

/** @throws CosmosError 400 for a text that is no token, or one of another query. */
export function readContinuation(token: string, expected: { streaming: boolean; keys: number }): Resume {
  const resume = parse(token);
  const fits = expected.streaming
    ? resume?.kind === 'document' && resume.keys.length === expected.keys
    : resume?.kind === 'row';
  if (!resume || !fits) throw badRequest('Malformed continuation token: it belongs to another query or to none.');
  return resume;
}

function parse(token: string): Resume | undefined {
  try {
    return resumeSchema.safeParse(JSON.parse(Buffer.from(token, 'base64').toString())).data;
  } catch {
    // Not JSON: refused like any other text that is no token.
    return undefined;
  }
}
