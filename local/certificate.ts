import { randomUUID, X509Certificate } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { replaceFile } from './world/replace-file.ts';

/** A self-signed certificate for the loopback names, as files (for child processes) and as text (for servers in this process). */
export interface Certificate {
  /** Also what a client has to trust: the certificate is its own authority. */
  certFile: string;
  keyFile: string;
  cert: string;
  key: string;
}

const VALID_FOR_DAYS = 825;
/** Renewed this long before its end, so that a world that runs for days does not see it expire. */
const RENEW_BEFORE_DAYS = 30;
const MS_PER_DAY = 86_400_000;

/**
 * Gives the certificate of a data folder: the stored one while it is good for another 30 days, else a new one.
 * Clients that trust it by file (NODE_EXTRA_CA_CERTS) therefore keep working over restarts.
 */
export async function ensureCertificate(folder: string): Promise<Certificate> {
  const certFile = join(folder, 'cert.pem');
  const keyFile = join(folder, 'key.pem');
  const stored = await readStored(certFile, keyFile);
  if (stored) return { certFile, keyFile, ...stored };
  const subject = [
    { name: 'commonName', value: 'localhost' },
    // OpenSSL looks certificates up by their subject: of two worlds with the same one, a process could trust only one.
    { shortName: 'OU', value: randomUUID() },
  ];
  const made = await generate(subject, {
    notAfterDate: new Date(Date.now() + VALID_FOR_DAYS * MS_PER_DAY),
    keySize: 2048,
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  await mkdir(folder, { recursive: true });
  await replaceFile(keyFile, made.private, { mode: 0o600 });
  await replaceFile(certFile, made.cert);
  return { certFile, keyFile, cert: made.cert, key: made.private };
}

async function readStored(certFile: string, keyFile: string): Promise<{ cert: string; key: string } | undefined> {
  try {
    const [cert, key] = await Promise.all([readFile(certFile, 'utf8'), readFile(keyFile, 'utf8')]);
    const good = new X509Certificate(cert).validToDate.getTime() - Date.now() > RENEW_BEFORE_DAYS * MS_PER_DAY;
    return good ? { cert, key } : undefined;
  } catch {
    // Missing or unreadable: a new pair replaces it, nothing else hangs on the old one.
    return undefined;
  }
}
