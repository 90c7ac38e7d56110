import type { Item, JsonObject } from '../upstream/wire.ts';
import type { RecordStatus } from './status.ts';

/** A part of a record: in the document itself, or in a blob of the container `payloads` when the document grew too large. */
export type Part<T> = { inline: T } | { blob: string; bytes: number; sha256: string };

/** The value of a part that lies in the document. */
export const inlineOf = <T>(part: Part<T>): T | undefined => ('inline' in part ? part.inline : undefined);

/** A generated image (or other artifact) that was taken out of an output item. */
export interface ImageReference {
  itemId: string;
  blob: string;
  contentType: string;
  bytes: number;
  sha256: string;
}

/** The response as the service knows it. Never leaves the gateway. */
export interface ServiceReference {
  id: string;
  endpoint: string;
  requestId: string | null;
}

/** Where the telling of an end stands. Times are in milliseconds. */
export interface WebhookState {
  state: 'pending' | 'delivered' | 'given_up';
  endedAt: number;
  attempts: number;
  nextAt: number;
}

/** The progress of a background run at the service. */
export interface Run {
  /** How often it was submitted. */
  attempts: number;
  /** Submissions whose answer was lost: the service may be running (and charging) them. */
  unanswered?: number;
  /** Its request held secrets that are not kept: nobody but the create handler can submit it. */
  secret?: true;
  /** Who may submit until when (ms); nobody else submits before it ends. */
  lease?: { attempt: string; until: number };
  submittedAt?: number;
  startedAt?: number;
  /** When to look again (ms), as the service or the schedule says. */
  nextLookAt?: number;
  /** How far our sequence numbers are ahead of the service's: events we put in front. */
  shift?: number;
  /** It was ended here (cancelled, given up) and may go on at the service: it is stopped there, and its cost noted. */
  endedHere?: true;
  /** What a run that was ended here still cost at the service; null when the service does not say. */
  lateUsage?: unknown;
  unknownStatuses?: number;
  webhook?: WebhookState;
  /** A submission whose answer was lost: the service may have been paid twice. */
  possiblyDuplicated?: true;
}

/** What hangs on a record outside of its document. A tombstone names what could not be removed yet. */
export type Hanging = 'payloads' | 'images' | 'event-log' | 'service' | 'files' | 'containers' | 'history' | 'delivery';

/**
 * One turn of a chain: one document of the container `chains`, partition key `/chainId`.
 * Times are unix seconds as in the API, except those of `run` (milliseconds).
 */
export interface ChainRecord {
  id: string;
  chainId: string;
  /** A debt stands for no response: it names what the service still has of a turn that nobody knows. */
  kind: 'response' | 'debt';
  schema: 1;
  owner: string;
  parentId: string | null;
  /** Turns before this one. */
  depth: number;
  status: RecordStatus;
  createdAt: number;
  /** Orders lists: the millisecond of the create, then the id. */
  sort: string;
  updatedAt: number;
  background: boolean;
  streamed: boolean;
  model: string;
  /** First words of the turn, for browsing. */
  preview: string;
  /** The create request without `input` and without secrets. */
  request: Part<JsonObject>;
  /** The new input items of this turn, each with an id. */
  input: Part<Item[]>;
  /** The response object without `output`, in our ids. */
  envelope: Part<JsonObject>;
  output: Part<Item[]>;
  /** Ids of the items above, so that an `item_reference` can be found. */
  itemIds: string[];
  images: ImageReference[];
  /** The newest image of the turns before this one: what an edit over several turns starts from. */
  earlierImage?: ImageReference;
  /** Uploaded files that this turn refers to, in our ids: they go with the last record that names them. */
  fileIds?: string[];
  /** Containers of the code interpreter that the output names. */
  containerIds?: string[];
  /** What the service charged for, for browsing. */
  tokens?: { input: number; output: number };
  /** Files that the gateway itself uploaded for this turn (a dropped document): they go when it goes. */
  serviceFiles?: string[];
  service?: ServiceReference;
  /** Image deployment that was chosen for the image tool. */
  imageDeployment?: string;
  run?: Run;
  /** Links to the run for whoever holds one of the tokens; only hashes are kept. `until` is in milliseconds. */
  job?: { tokens: string[]; until: number };
  /** The context was rebuilt from our transcript because the service had lost the parent. */
  rebuilt?: true;
  requestId: string;
  traceparent?: string;
  /** Of a tombstone: what is still to be removed. Maintenance tries again until nothing is left. */
  pending?: Hanging[];
  /** Of a tombstone whose whole chain goes: it goes, too, when nothing hangs on it any more. */
  leaves?: true;
  /** Seconds until Cosmos DB removes the document: a safety net behind the retention. */
  ttl: number;
  _etag?: string;
}
