/** Why a dropped file has no analysis: the `reason` of `error.json`. `docs/documents.md` lists them all. */
export const whatToDo = {
  not_a_pdf: 'Only PDF files are analysed. Save or print the file as a PDF and drop that.',
  empty: 'Drop the file again, and check that it has content where it comes from.',
  too_large: 'Split the file, or reduce its images, and drop the parts. The operator can raise DOCUMENT_MAX_MEGABYTES.',
  too_many_pages: 'Split the file and drop the parts. The operator can raise DOCUMENT_MAX_PAGES.',
  too_many_tokens:
    'Split the file and drop the parts. The operator can raise DOCUMENT_MAX_TOKENS if the model takes more.',
  encrypted:
    'Remove the password (open the file, then save or print it as a PDF without protection) and drop it again.',
  damaged:
    'Open the file in a PDF reader, save it anew and drop it again. If it does not open there either, get it anew.',
  unreadable_prompt: 'Correct the prompt and replay the document, or drop the file again.',
  invalid_schema: 'Correct the schema and replay the document, or drop the file again.',
  unknown_model: 'Name a deployment of the Azure OpenAI resource that is offered here, then replay the document.',
  content_filter:
    "The content filter of the service stopped it. Check the document and the prompt; the filter's settings are the operator's.",
  refused: 'Read the message: it is what the service says. Correct the cause, then replay the document.',
  service_failed: 'Replay the document later. If it fails again, tell the operator.',
  service_unavailable: 'Replay the document later: nothing is wrong with the file.',
  not_authorized: 'Tell the operator: the gateway lacks a role on the Azure OpenAI resource (docs/deploy.md).',
  incomplete: 'The answer was cut. Ask for less in the prompt, or split the file.',
  cancelled: 'Replay the document, or drop it again, when you want it analysed after all.',
  source_gone: 'Drop the file again when you want it analysed.',
  not_taken_in: 'Replay the document, or drop the file again. If it fails again, tell the operator.',
} as const satisfies Record<string, string>;

export type FailureReason = keyof typeof whatToDo;

/** A failure as it is stored and shown. */
export interface Failure {
  reason: FailureReason;
  /** What is wrong, in a sentence for the person who dropped the file. Never content of the file. */
  message: string;
}

/** Ends the analysis of a document for good: trying again would fail again. */
export class DocumentFailure extends Error {
  override readonly name = 'DocumentFailure';
  readonly reason: FailureReason;

  constructor(reason: FailureReason, message: string) {
    super(message);
    this.reason = reason;
  }

  get failure(): Failure {
    return { reason: this.reason, message: this.message };
  }
}

/** The blob holds other content now: whatever is done for this version is in vain. */
export class Superseded extends Error {
  override readonly name = 'Superseded';
}
