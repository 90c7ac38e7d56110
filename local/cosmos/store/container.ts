import type { JsonObject, Value } from '../json.ts';
import type { DocumentTable } from './document-table.ts';

/** A container as the operations see it. */
export interface Container {
  readonly number: number;
  readonly database: string;
  readonly id: string;
  readonly rid: string;
  /** `_self`: the address by `_rid`, with a slash at the end. */
  readonly self: string;
  /** As it is sent to callers, system properties included. */
  readonly body: JsonObject;
  /** Property names of each level of the partition key. */
  readonly partitionPaths: readonly (readonly string[])[];
  readonly documents: DocumentTable;
  /** User-defined functions by id: source text. */
  readonly functions: ReadonlyMap<string, string>;
  /** Compiled user-defined functions: made when a query first asks. */
  readonly compiled: Map<string, (args: readonly Value[]) => Value>;
}
