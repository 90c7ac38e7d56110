import { randomUUID } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { exportJWK, generateKeyPair, importJWK, type CryptoKey, type JWK } from 'jose';
import { z } from 'zod';
import { replaceFile } from '../world/replace-file.ts';

/** One RS256 key pair of the tenant. */
export interface SigningKey {
  kid: string;
  privateKey: CryptoKey;
  /** As published. */
  publicJwk: JWK;
}

const storedKeys = z.array(z.looseObject({ kid: z.string(), kty: z.literal('RSA') })).min(1);

/**
 * The tenant's signing keys: the newest signs, all are published until they are retired.
 * With a file they survive a restart, and with them every token that is still in somebody's cache.
 */
export class KeyRing {
  readonly #file: string | undefined;
  #keys: readonly SigningKey[];

  private constructor(file: string | undefined, keys: readonly SigningKey[]) {
    this.#file = file;
    this.#keys = keys;
  }

  /** @throws Error when the file is there but holds no keys. */
  static async open(file?: string): Promise<KeyRing> {
    const stored = file === undefined ? undefined : await readKeys(file);
    if (stored) return new KeyRing(file, stored);
    const ring = new KeyRing(file, [await newKey()]);
    await ring.#save();
    return ring;
  }

  /** The key that signs now. */
  get current(): SigningKey {
    const [newest] = this.#keys;
    if (!newest) throw new Error('A key ring always holds a key.');
    return newest;
  }

  /** The published set (RFC 7517). */
  get jwks(): { keys: JWK[] } {
    return { keys: this.#keys.map((key) => key.publicJwk) };
  }

  /** Signs with a new key from now on. With `retire`, tokens of all older keys become worthless at once. */
  async rotate(retire: boolean): Promise<SigningKey> {
    const key = await newKey();
    this.#keys = retire ? [key] : [key, ...this.#keys];
    await this.#save();
    return key;
  }

  async #save(): Promise<void> {
    if (this.#file === undefined) return;
    const jwks = await Promise.all(
      this.#keys.map(async (key) => ({ ...(await exportJWK(key.privateKey)), kid: key.kid })),
    );
    await mkdir(dirname(this.#file), { recursive: true });
    await replaceFile(this.#file, JSON.stringify(jwks), { mode: 0o600 });
  }
}

/** A key pair that belongs to no ring: its signatures are good, but nobody publishes the key. */
export async function newKey(): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  return signingKey(randomUUID(), privateKey, await exportJWK(publicKey));
}

function signingKey(kid: string, privateKey: CryptoKey, { kty, n, e }: JWK): SigningKey {
  return { kid, privateKey, publicJwk: { kty, n, e, kid, use: 'sig', alg: 'RS256' } };
}

async function readKeys(file: string): Promise<SigningKey[] | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch {
    // The first start: a new ring is made and saved.
    return undefined;
  }
  const jwks = storedKeys.parse(JSON.parse(text));
  return Promise.all(
    jwks.map(async (jwk) => {
      const key = await importJWK(jwk, 'RS256', { extractable: true });
      if (key instanceof Uint8Array) throw new Error(`${file} holds a key that is no RSA key; run: npm run reset`);
      return signingKey(jwk.kid, key, jwk);
    }),
  );
}
