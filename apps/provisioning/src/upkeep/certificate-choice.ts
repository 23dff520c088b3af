import { X509Certificate } from 'node:crypto';

/** Most certificates of a connection: two signers with an old, a current and a next one. */
export const CERTIFICATES_MAX = 6;

interface Dated {
  readonly pem: string;
  readonly from: number;
  readonly until: number;
  readonly fingerprint: string;
}

/**
 * The certificates of metadata that a connection takes, 6 at most. Of more than that: those valid now, those that are soonest valid, and last
 * those that ended last. In an order of their own, so that the order in which they are published changes nothing. Pure.
 * @param pems certificates in PEM, each readable
 */
export function chosenCertificates(pems: readonly string[], now: Date): readonly string[] {
  const at = now.getTime();
  return pems
    .map(dated)
    .sort((a, b) => rank(a, at) - rank(b, at) || nearness(a, b, at) || byAge(a, b))
    .slice(0, CERTIFICATES_MAX)
    .sort(byAge)
    .map(({ pem }) => pem);
}

function dated(pem: string): Dated {
  const { validFrom, validTo, fingerprint256 } = new X509Certificate(pem);
  return { pem, from: Date.parse(validFrom), until: Date.parse(validTo), fingerprint: fingerprint256 };
}

/** 0: valid now; 1: not yet; 2: no longer. */
const rank = ({ from, until }: Dated, at: number): number => (at > until ? 2 : at < from ? 1 : 0);

/** Within a rank: of those to come the sooner, of those that ended the later, of those valid now the one that lasts longer. */
const nearness = (a: Dated, b: Dated, at: number): number => (at < a.from ? a.from - b.from : b.until - a.until);

const byAge = (a: Dated, b: Dated): number => a.from - b.from || (a.fingerprint < b.fingerprint ? -1 : 1);
