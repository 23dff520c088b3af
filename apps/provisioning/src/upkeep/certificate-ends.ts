import type { ConnectionSettings } from '#libs/contracts';
import { certificateExpiry } from '#libs/federation';

/** A certificate that a connection trusts, and its end. */
export interface CertificateEnd {
  /** SHA-256 of the DER form, hex. */
  readonly sha256: string;
  /** ISO-8601 UTC with milliseconds. */
  readonly notAfter: string;
}

/** Settings are asked about on every look at health and metrics, and certificates are slow to read. */
const known = new WeakMap<ConnectionSettings, readonly CertificateEnd[]>();

/** Ends of the certificates of a connection's identity provider; none where there are none, or none that can be read. */
export function certificateEnds(settings: ConnectionSettings): readonly CertificateEnd[] {
  const found = known.get(settings) ?? (settings.saml?.certificates ?? []).flatMap(endOf);
  known.set(settings, found);
  return found;
}

/** When the last of a connection's certificates ends: until then its identity provider can sign with one; null where there is none. */
export function lastCertificateEnd(settings: ConnectionSettings): string | null {
  return certificateEnds(settings).reduce<string | null>(
    (last, { notAfter }) => (last === null || notAfter > last ? notAfter : last),
    null,
  );
}

function endOf(pem: string): CertificateEnd[] {
  try {
    // how many days are left is not asked here, so any instant will do
    const { sha256, notAfter } = certificateExpiry(pem, new Date(0));
    return [{ sha256, notAfter }];
  } catch (error) {
    if (error instanceof TypeError) return [];
    throw error;
  }
}
