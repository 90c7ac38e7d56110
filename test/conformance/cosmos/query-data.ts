import type { Container, FeedOptions, JSONValue } from '@azure/cosmos';

/** Fifty items in two partitions, which the checks of queries ask about. */
export async function fill(container: Container): Promise<void> {
  for (let n = 0; n < 50; n++) {
    await container.items.create({
      id: `d${String(n).padStart(2, '0')}`,
      pk: n % 2 === 0 ? 'even' : 'odd',
      n,
      tags: n % 3 === 0 ? ['x', 'y'] : ['z'],
      o: { k: n % 4 },
      s: `Str${n}`,
    });
  }
}

/** Asks a container and gives all rows. Parameters are written without their `@`. */
export const asker =
  (container: () => Container) =>
  async (query: string, parameters: Record<string, JSONValue> = {}, options: FeedOptions = {}): Promise<unknown[]> => {
    const list = Object.entries(parameters).map(([name, value]) => ({ name: `@${name}`, value }));
    const answer = await container().items.query<unknown>({ query, parameters: list }, options).fetchAll();
    return answer.resources;
  };

/** Asks page by page, each with a new iterator, as a web application would that hands the token to its caller. */
export const pager =
  (container: () => Container) =>
  async (query: string, options: FeedOptions): Promise<unknown[][]> => {
    const pages: unknown[][] = [];
    let continuationToken: string | undefined;
    for (;;) {
      const page = await container()
        .items.query<unknown>(query, { ...options, continuationToken })
        .fetchNext();
      pages.push(page.resources);
      if (!page.continuationToken) return pages;
      ({ continuationToken } = page);
    }
  };
