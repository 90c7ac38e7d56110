import { isRuntimeStatus } from '../runtime-status.ts';
import type { InstanceFilter } from '../store/records.ts';

/** Page size when the caller names none. */
const DEFAULT_PAGE_SIZE = 100;

/** Names of query parameters ignore case, as on the real host. */
export class Query {
  readonly #values = new Map<string, string[]>();

  constructor(parameters: URLSearchParams) {
    for (const [name, value] of parameters) {
      const key = name.toLowerCase();
      this.#values.set(key, [...(this.#values.get(key) ?? []), value]);
    }
  }

  text(name: string): string | undefined {
    return this.#values.get(name.toLowerCase())?.[0];
  }

  flag(name: string, otherwise: boolean): boolean {
    const value = this.text(name)?.toLowerCase();
    return value === 'true' || (value !== 'false' && otherwise);
  }

  /** A number, or undefined when it is missing or none. */
  number(name: string): number | undefined {
    // An empty value would count as 0.
    const value = Number(this.text(name) || NaN);
    return Number.isNaN(value) ? undefined : value;
  }

  /** ms since 1970. */
  time(name: string): number | undefined {
    const at = Date.parse(this.text(name) ?? '');
    return Number.isNaN(at) ? undefined : at;
  }

  /** Values of a repeated or comma-separated parameter. */
  list(name: string): string[] {
    const values = this.#values.get(name.toLowerCase()) ?? [];
    return values.flatMap((value) => value.split(',')).map((value) => value.trim());
  }

  /** `createdTimeFrom`, `createdTimeTo`, `runtimeStatus`, `instanceIdPrefix`; unknown statuses are ignored. */
  instanceFilter(): InstanceFilter {
    return {
      createdFrom: this.time('createdTimeFrom'),
      createdTo: this.time('createdTimeTo'),
      statuses: this.list('runtimeStatus').filter(isRuntimeStatus),
      idPrefix: this.text('instanceIdPrefix'),
    };
  }

  pageSize(): number {
    const top = Math.floor(this.number('top') ?? 0);
    return top > 0 ? top : DEFAULT_PAGE_SIZE;
  }
}

/** What `x-ms-continuation-token` holds: opaque to the caller. */
export function continuationToken(lastId: string): string {
  return Buffer.from(lastId).toString('base64');
}

export function fromContinuationToken(token: string | undefined): string | undefined {
  return token ? Buffer.from(token, 'base64').toString() : undefined;
}
