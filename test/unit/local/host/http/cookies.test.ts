import { describe, expect, it } from 'vitest';
import { cookieSchema, serializeCookie } from '../../../../../local/host/http/cookies.ts';

const written = (cookie: unknown): string => serializeCookie(cookieSchema.parse(cookie));

describe('cookies of buffered answers', () => {
  it('escapes name and value, and adds a path', () => {
    expect(written({ name: 'a b', value: 'ü;', sameSite: 'none' })).toBe('a%20b=%C3%BC%3B; path=/');
  });

  it('writes every attribute in the order of ASP.NET Core', () => {
    const cookie = {
      name: 'n',
      value: 'v',
      domain: { value: 'example.com' },
      path: { value: '/x' },
      expires: { value: { seconds: 1_700_000_000 } },
      secure: { value: true },
      httpOnly: { value: true },
      sameSite: 'explicitNone',
      maxAge: { value: 60 },
    };
    expect(written(cookie)).toBe(
      'n=v; expires=Tue, 14 Nov 2023 22:13:20 GMT; max-age=60; domain=example.com; path=/x; secure; samesite=none; httponly',
    );
  });

  it('leaves out what is false', () => {
    expect(written({ name: 'n', value: '', secure: { value: false }, httpOnly: null })).toBe('n=; path=/');
  });
});
