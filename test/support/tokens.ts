import { z } from 'zod';

const issued = z.object({ token: z.string() });

export interface TokenOrder {
  caller: string;
  version?: string;
  audience?: string;
  flaw?: string;
  roles?: string[];
}

/** A token of the local tenant for one of its callers, sound or with one flaw. */
export async function orderToken(identity: string, order: TokenOrder): Promise<string> {
  return issued.parse(await post(identity, 'tokens', order)).token;
}

/** A new signing key; with `retire` the old one is no longer published. */
export async function rotateKeys(identity: string, order: { retire?: boolean } = {}): Promise<void> {
  await post(identity, 'keys/rotate', order);
}

async function post(identity: string, path: string, body: unknown): Promise<unknown> {
  const answer = await fetch(`${identity}/_control/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`The local tenant answered ${answer.status}: ${await answer.text()}`);
  return answer.json();
}
