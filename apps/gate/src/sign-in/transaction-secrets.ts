import { hkdfSync } from 'node:crypto';

/** Bytes of each: 43 characters of base64url, the shortest verifier that RFC 7636, section 4.1, allows, and 256 bits strong. */
const SECRET_BYTES = 32;

/** What only the browser that began a sign-in can bring back, and what its request to the provider promised. */
export interface TransactionSecrets {
  /** Stands in the ID token (OpenID Connect Core 1.0, section 3.1.2.1). */
  readonly nonce: string;
  /** Proof key of the code exchange (RFC 7636). */
  readonly codeVerifier: string;
}

/**
 * Derives both from the token in the browser's cookie, so that the database holds neither: whoever reads it cannot redeem a stolen code.
 * @see RFC 5869
 */
export function transactionSecrets(id: string, token: string): TransactionSecrets {
  const derived = (purpose: string) =>
    Buffer.from(hkdfSync('sha256', token, id, `gatebook sign-in ${purpose}`, SECRET_BYTES)).toString('base64url');
  return { nonce: derived('nonce'), codeVerifier: derived('code verifier') };
}
