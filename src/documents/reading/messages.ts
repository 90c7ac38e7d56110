/** What the reading thread is asked, and what it answers. Plain data: it crosses a thread boundary. */

/** A PDF as the check sees it. */
export interface Inspection {
  pages: number;
  kind: 'text' | 'scan' | 'mixed';
  /** UTF-8 bytes of text in the whole document, extrapolated from the pages that were read. */
  textBytes: number;
}

export type ReadingRequest = { id: number } & ({ ask: 'inspect'; path: string } | { ask: 'schema'; schema: unknown });

/** `verdict`: what is wrong with the file or schema, in a word and a sentence. */
export type ReadingAnswer = { id: number } & (
  | { inspection: Inspection }
  | { schemaOk: true }
  | { verdict: 'encrypted' | 'damaged' | 'invalid_schema'; message: string }
);
