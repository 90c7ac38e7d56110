import type { ApiRequest } from '../../core/types.ts';
import type { Engine } from '../engine/engine.ts';
import type { ClientAddress } from './client-payload.ts';
import type { Query } from './query.ts';

/** One call of the management API, as its handler sees it. */
export interface Call {
  engine: Engine;
  request: ApiRequest;
  query: Query;
  /** Where links of the answer point. */
  address: ClientAddress;
  /** Values of the route: `function`, `instance`, `event`. */
  route: Readonly<Record<string, string>>;
}
