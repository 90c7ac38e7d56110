import { z } from 'zod';
import type { Endpoints } from '../../local/world/endpoints.ts';

const functions = z.array(
  z.looseObject({
    name: z.string(),
    config: z.looseObject({
      bindings: z.array(
        z.looseObject({ type: z.string(), route: z.string().optional(), methods: z.array(z.string()).optional() }),
      ),
    }),
  }),
);

/** One HTTP function of the app, by one of its methods. */
export interface RegisteredRoute {
  name: string;
  method: string;
  /** As registered: `openai/v1/responses/{id}`. */
  path: string;
  /** Names of its parameters, in order. */
  params: string[];
}

/** The routes that the running app has registered, as its host lists them. */
export async function registeredRoutes({ gateway }: Pick<Endpoints, 'gateway'>): Promise<RegisteredRoute[]> {
  const listed = functions.parse(await (await fetch(`${gateway}/admin/functions`)).json());
  return listed.flatMap(({ name, config }) =>
    config.bindings
      .filter(({ type }) => type === 'httpTrigger')
      .flatMap(({ route = name, methods = ['GET'] }) =>
        methods.map((method) => ({
          name,
          method: method.toUpperCase(),
          path: route,
          params: [...route.matchAll(/\{\*?([A-Za-z]+)\??\}/g)].map((match) => match[1] ?? ''),
        })),
      ),
  );
}

/** The address with values in the place of its parameters. */
export const fill = (path: string, values: Readonly<Record<string, string>>): string =>
  `/${path.replace(/\{\*?([A-Za-z]+)\??\}/g, (_match, name: string) => encodeURIComponent(values[name] ?? ''))}`;
