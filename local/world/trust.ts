import tls from 'node:tls';

/** From now on this process can call https addresses that show this certificate (PEM), besides all that it could before. */
export function trustCertificate(certificate: string): void {
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), certificate]);
}
