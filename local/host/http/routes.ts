import { z } from 'zod';
import type { RegisteredFunction } from '../core/types.ts';
import { parseSegment, type Segment } from './route-segments.ts';

export type AuthLevel = 'anonymous' | 'function' | 'admin';

/** One HTTP function, ready to be found. */
export interface Route {
  readonly fn: RegisteredFunction;
  /** With the prefix, without a leading slash. */
  readonly template: string;
  readonly segments: readonly Segment[];
  /** Upper case; undefined for all. */
  readonly methods: ReadonlySet<string> | undefined;
  readonly authLevel: AuthLevel;
}

export interface RouteMatch {
  readonly route: Route;
  /** Parameters that were given; optional ones left out of the address are left out here. */
  readonly params: Readonly<Record<string, string>>;
}

const httpTrigger = z.object({
  route: z.string().optional(),
  methods: z.array(z.string().toUpperCase()).optional(),
  // The library always sends one; a function without is as closed as the real host's default.
  authLevel: z
    .string()
    .toLowerCase()
    .pipe(z.enum(['anonymous', 'function', 'admin']))
    .default('function'),
});

/**
 * Makes the table of an app's routes, in the order in which Azure tries them: that of the functions' names. A route's form plays no
 * part (azure-functions-host, FunctionMetadataManager; its issue 3153).
 */
export function compileRoutes(functions: readonly RegisteredFunction[], routePrefix: string): Route[] {
  return functions
    .filter((fn) => fn.trigger.type.toLowerCase() === 'httptrigger')
    .map((fn) => compileRoute(fn, routePrefix))
    .sort(byName);
}

/** Finds the function for a request. Literals match in any case; a wrong method is no match, as on the real host. */
export function findRoute(routes: readonly Route[], method: string, path: string): RouteMatch | undefined {
  const parts = splitPath(path).map(decode);
  for (const route of routes) {
    if (route.methods && !route.methods.has(method)) continue;
    const params = matchSegments(route.segments, parts);
    if (params) return { route, params };
  }
  return undefined;
}

function compileRoute(fn: RegisteredFunction, routePrefix: string): Route {
  const { route, methods, authLevel } = httpTrigger.parse(fn.trigger);
  const template = [routePrefix, route ?? fn.name].flatMap(splitPath).join('/');
  const segments = splitPath(template).map((part) => parseSegment(part, fn.name));
  return { fn, template, segments, methods: methods && new Set(methods), authLevel };
}

function splitPath(path: string): string[] {
  const trimmed = path.replace(/^\/+|\/+$/g, '');
  return trimmed === '' ? [] : trimmed.split('/');
}

/** A wrong escape stays as it is: the function may still want to see it. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    if (error instanceof URIError) return part;
    throw error;
  }
}

function matchSegments(segments: readonly Segment[], parts: readonly string[]): Record<string, string> | undefined {
  const params: Record<string, string> = {};
  for (const [at, segment] of segments.entries()) {
    const part = segment.catchAll ? parts.slice(at).join('/') : parts[at];
    if (!takePart(segment, part, params)) return undefined;
    if (segment.catchAll) return params;
  }
  return parts.length > segments.length ? undefined : params;
}

/** Whether a segment takes this part of the address; a parameter's value goes into `params`. */
function takePart(segment: Segment, part: string | undefined, params: Record<string, string>): boolean {
  if (segment.literal !== undefined) return part?.toLowerCase() === segment.literal;
  const value = part === undefined || part === '' ? segment.defaultValue : part;
  if (value === undefined) return segment.optional || segment.catchAll;
  if (!segment.checks.every((check) => check.test(value))) return false;
  params[segment.name ?? ''] = value;
  return true;
}

/** The order of .NET's `StringComparer.OrdinalIgnoreCase`. */
function byName(a: Route, b: Route): number {
  const [left, right] = [a.fn.name.toUpperCase(), b.fn.name.toUpperCase()];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
