/**
 * What passes between the simulator's wire side (which speaks HTTP, keeps state and makes events)
 * and its mind (which decides, by rules, what a model would answer).
 */

/** An item of input or output as it stands on the wire; keys that nobody knows stay. */
export interface Item {
  type: string;
  id: string;
  [key: string]: unknown;
}

export interface StoredFile {
  id: string;
  filename: string;
  purpose: string;
  bytes: Uint8Array;
}

/** The code-interpreter containers of the resource. */
export interface Containers {
  /** A new container with copies of these files, or the existing one of that id. Rejects when it is unknown. */
  open(container: string | { fileIds: readonly string[] }): Promise<string>;
  list(containerId: string): Promise<readonly StoredFile[]>;
  /** Adds a file that code "wrote" and gives its `cfile_` id. */
  write(containerId: string, filename: string, bytes: Uint8Array): Promise<string>;
}

/** Everything the mind may look at in order to answer one request. */
export interface Turn {
  /** The create request as the caller sent it, already checked for form. */
  request: Readonly<Record<string, unknown>>;
  /** Deployment (= model) name. */
  model: string;
  /** The whole conversation, oldest first: earlier turns' inputs and outputs, then this turn's input. References are resolved. */
  context: readonly Item[];
  /** Throws a {@link TurnError} (400) for an unknown file. */
  readFile(fileId: string): Promise<StoredFile>;
  containers: Containers;
  /** Name in the `x-ms-oai-image-generation-deployment` header; its presence was already checked. */
  imageDeployment?: string;
  /** Seals text so that only this resource can open it again (encrypted reasoning, compaction). */
  seal(text: string): string;
  /** Opens sealed text. Throws a {@link TurnError} `invalid_encrypted_content` for another resource's. */
  unseal(sealed: string): string;
  newId(prefix: string): string;
  signal: AbortSignal;
}

export interface Usage {
  input_tokens: number;
  input_tokens_details: { cached_tokens: number };
  output_tokens: number;
  output_tokens_details: { reasoning_tokens: number };
  total_tokens: number;
}

export type Outcome = { usage: Usage } & (
  | { status: 'completed' }
  | { status: 'incomplete'; reason: 'max_output_tokens' | 'content_filter' }
  | { status: 'failed'; error: { code: string; message: string } }
);

/** Yields each output item in its final form as soon as it is done, and returns how the turn ended. */
export type Think = (turn: Turn) => AsyncGenerator<Item, Outcome>;

/**
 * How `POST /responses/compact` asks: the context ends with an item of type `compaction_trigger`.
 * The mind then yields exactly one item, the `compaction` that stands for everything before it.
 */
export const COMPACTION_TRIGGER = 'compaction_trigger';

/** A refusal with the service's own shape; before the first item it becomes the HTTP answer. */
export class TurnError extends Error {
  readonly status: number;
  readonly type: string;
  readonly code: string | null;
  readonly param: string | null;
  /** Keys that the wire puts over the four standard ones of `error`: Azure's `innererror`, `status`, or `type: null`. */
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(
    status: number,
    message: string,
    detail: {
      type?: string;
      code?: string | null;
      param?: string | null;
      extra?: Readonly<Record<string, unknown>>;
    } = {},
  ) {
    super(message);
    this.name = 'TurnError';
    this.status = status;
    this.type = detail.type ?? 'invalid_request_error';
    this.code = detail.code ?? null;
    this.param = detail.param ?? null;
    this.extra = detail.extra ?? {};
  }
}
