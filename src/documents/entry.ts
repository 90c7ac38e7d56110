import { entryId, type Entry } from '../chains/directory.ts';
import { sha256 } from '../platform/blobs.ts';
import type { Failure } from './failures.ts';

/** `received -> uploading -> analysing -> completed | failed | cancelled | superseded`. */
export const DOCUMENT_STATES = [
  'received',
  'uploading',
  'analysing',
  'completed',
  'failed',
  'cancelled',
  'superseded',
] as const;
export type DocumentState = (typeof DOCUMENT_STATES)[number];

const ENDED: ReadonlySet<DocumentState> = new Set(['completed', 'failed', 'cancelled', 'superseded']);
export const hasEnded = (entry: Pick<DocumentEntry, 'state'>): boolean => ENDED.has(entry.state);

/** One version of one blob. */
export interface SourceReference {
  container: string;
  name: string;
  /** As Blob Storage writes it, quotes included. */
  etag: string;
}

/** What the check found out before anything was paid. */
export interface DocumentPlan {
  pages: number;
  /** `scan`: images only; the model reads them, but nothing can be searched or counted beforehand. */
  kind: 'text' | 'scan' | 'mixed';
  estimatedInputTokens: number;
  /** US dollars of the input alone, at list price; absent for a model without a known price. */
  estimatedCostUsd?: number;
}

/** The copy at the service. The intent is written before the upload, so that a lost answer leaves a file that can be found. */
export interface ServiceFile {
  /** Unique name of the file there. */
  name: string;
  /** Who uploads, and until when (milliseconds) nobody else does. */
  attempt: string;
  leaseUntil: number;
  /** Milliseconds of the first attempt: no older file can be ours. */
  intendedAt: number;
  id?: string;
}

/** A dropped document in its owner's directory: one per container, name and ETag. */
export interface DocumentEntry extends Entry {
  kind: 'document';
  key: string;
  container: string;
  name: string;
  etag: string;
  bytes: number;
  state: DocumentState;
  /** Where it stands, for the person who looks. */
  note?: string;
  /** Counts up with every replay. */
  run: number;
  /** Unix seconds. */
  createdAt: number;
  updatedAt: number;
  finishedAt?: number;
  /** Orders the list: the millisecond of the intake, then the key. */
  sort: string;
  /** Milliseconds when this run began: the ceilings count from here. */
  runStartedAt: number;
  /** Reserved at intake, so that the analysis is created once, whoever does it. */
  responseId: string;
  chainId: string;
  cancelRequested?: true;
  /** Milliseconds since when nothing but passing errors happened: patience counts from here. */
  troubledSince?: number;
  plan?: DocumentPlan;
  model?: string;
  file?: ServiceFile;
  failure?: Failure;
  /** Blob of an analysis that was overtaken by newer content. */
  version?: string;
}

/** The id of a document: the hash of container, name and ETag. Blob names contain slashes; this does not. */
export const documentKey = (source: SourceReference): string =>
  sha256([source.container, source.name, source.etag].join('\u0000'));

export const documentEntryId = (key: string): string => entryId('document', key);

export const isDocumentKey = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);

export const sourceOf = (entry: DocumentEntry): SourceReference => ({
  container: entry.container,
  name: entry.name,
  etag: entry.etag,
});
