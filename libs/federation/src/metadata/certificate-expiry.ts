import { createHash, X509Certificate } from 'node:crypto';

/** When a certificate ends, told to people: the connection trusts the pinned key beyond that day, its identity provider may not use it. */
export interface CertificateExpiry {
  /** ISO-8601 UTC. */
  readonly notAfter: string;
  /** Whole days that are left; negative once it has ended, -1 from the first moment on. */
  readonly daysLeft: number;
  /** SHA-256 of the DER form, hex: the fingerprint that administrators compare. */
  readonly sha256: string;
}

const DAY_MS = 86_400_000;

/**
 * Tells when a certificate ends.
 * @param pem the first certificate in it counts
 * @throws {TypeError} when there is none
 */
export function certificateExpiry(pem: string, now: Date): CertificateExpiry {
  const certificate = readCertificate(pem);
  const end = Date.parse(certificate.validTo);
  return {
    notAfter: new Date(end).toISOString(),
    daysLeft: Math.floor((end - now.getTime()) / DAY_MS),
    sha256: createHash('sha256').update(certificate.raw).digest('hex'),
  };
}

function readCertificate(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw new TypeError('There is no certificate in this text.');
  }
}
