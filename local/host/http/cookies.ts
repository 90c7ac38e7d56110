import { z } from 'zod';

const nullable = <T extends z.ZodType>(value: T) => z.object({ value }).nullish();

/** One cookie, as the library hands it over in buffered mode. */
export const cookieSchema = z.object({
  name: z.string(),
  value: z.string().default(''),
  domain: nullable(z.string()),
  path: nullable(z.string()),
  expires: nullable(z.object({ seconds: z.coerce.number() })),
  secure: nullable(z.boolean()),
  httpOnly: nullable(z.boolean()),
  sameSite: z.string().nullish(),
  maxAge: nullable(z.number()),
});

const SAME_SITE: Readonly<Record<string, string>> = { lax: 'lax', strict: 'strict', explicitNone: 'none' };

/** Writes a `set-cookie` header the way ASP.NET Core does: lower-case attributes in its order, `path=/` by default. */
export function serializeCookie(cookie: z.infer<typeof cookieSchema>): string {
  const parts = [`${encodeURIComponent(cookie.name)}=${encodeURIComponent(cookie.value)}`];
  if (cookie.expires) parts.push(`expires=${new Date(cookie.expires.value.seconds * 1000).toUTCString()}`);
  if (cookie.maxAge) parts.push(`max-age=${cookie.maxAge.value}`);
  if (cookie.domain) parts.push(`domain=${cookie.domain.value}`);
  parts.push(`path=${cookie.path?.value ?? '/'}`);
  if (cookie.secure?.value) parts.push('secure');
  const sameSite = SAME_SITE[cookie.sameSite ?? ''];
  if (sameSite !== undefined) parts.push(`samesite=${sameSite}`);
  if (cookie.httpOnly?.value) parts.push('httponly');
  return parts.join('; ');
}
