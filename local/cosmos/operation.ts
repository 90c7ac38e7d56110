/** What a request does, as counts and planned faults name it. */
export const OPERATIONS = [
  'create',
  'upsert',
  'replace',
  'patch',
  'read',
  'delete',
  'query',
  'batch',
  'change-feed',
  'delete-partition',
  /** The query plan that a client asks for beside each query. */
  'plan',
  /** Account, databases, containers, partition ranges, throughput, functions. */
  'metadata',
] as const;

export type Operation = (typeof OPERATIONS)[number];
