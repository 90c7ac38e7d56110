/**
 * What the service says about the limits of a deployment. No SDK acts on it, but people pace themselves by it; on the Responses API
 * Azure often says -1 or 0 where it counts tokens (openai-dotnet issue 838), and that is passed on as it is.
 */
export type RateLimits = Readonly<Record<string, string>>;

/** The `x-ratelimit-*` headers of an answer. */
export const rateLimitsOf = (headers: Headers | undefined): RateLimits =>
  Object.fromEntries([...(headers ?? [])].filter(([name]) => name.startsWith('x-ratelimit-')));
