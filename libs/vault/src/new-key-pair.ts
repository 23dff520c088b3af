import { createHash, KeyObject, randomBytes, webcrypto } from 'node:crypto';

/**
 * Bits of an RSA key: what every identity provider accepts and makes itself. RSA, not an elliptic curve, because the SAML products and
 * Entra's client certificates take nothing else, and RS256 is what every OpenID relying party must support (OpenID Connect Core 15.1).
 */
const MODULUS_BITS = 2048;
/** Partners compare certificates byte by byte and pin them; replacing one is an act of two sides, so its dates do not force it. */
const CERTIFICATE_YEARS = 10;
/** RFC 5280 4.1.2.2: at most 20 octets, positive. */
const SERIAL_BYTES = 16;
const RSA_SHA256 = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };

/** A key pair that was just made: PEM texts (PKCS #8, SPKI, X.509), and its name. */
export interface NewKeyPair {
  /** JWK thumbprint of the public key, base64url of SHA-256. @see RFC 7638 */
  readonly kid: string;
  readonly privateKeyPem: string;
  readonly publicKeyPem: string;
  readonly certificatePem: string | null;
}

/**
 * Makes a 2048-bit RSA key pair, and for `certificateName` a self-signed certificate with that common name, valid for ten years from
 * `now`. Takes 50 to 500 ms off the event loop.
 */
export async function newKeyPair({
  certificateName,
  now,
}: {
  readonly certificateName: string | null;
  readonly now: Date;
}): Promise<NewKeyPair> {
  const keys = (await webcrypto.subtle.generateKey(
    { ...RSA_SHA256, modulusLength: MODULUS_BITS, publicExponent: new Uint8Array([1, 0, 1]) },
    true,
    ['sign', 'verify'],
  )) as CryptoKeyPair; // Node's own type lists newer usages than the platform's
  const publicKey = KeyObject.from(keys.publicKey);
  return {
    kid: thumbprint(publicKey),
    privateKeyPem: KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    certificatePem: certificateName === null ? null : await selfSigned(keys, certificateName, now),
  };
}

/** RFC 7638 3.2: the required members of an RSA key, in the order of their names. */
function thumbprint(publicKey: KeyObject): string {
  const { e, kty, n } = publicKey.export({ format: 'jwk' });
  return createHash('sha256').update(JSON.stringify({ e, kty, n })).digest('base64url');
}

/** Loads the certificate library only now: most starts make no key, and none should wait for it. */
async function selfSigned(keys: CryptoKeyPair, commonName: string, now: Date): Promise<string> {
  await import('reflect-metadata'); // the certificate library resolves its algorithms through it
  const { X509CertificateGenerator } = await import('@peculiar/x509');
  const notAfter = new Date(now);
  notAfter.setUTCFullYear(now.getUTCFullYear() + CERTIFICATE_YEARS);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: positiveSerial(),
    name: [{ CN: [commonName] }],
    notBefore: now,
    notAfter,
    signingAlgorithm: RSA_SHA256,
    keys,
  });
  return `${certificate.toString('pem').trim()}\n`;
}

/** The first bit is clear, so that the number is positive; the second is set, so that no leading zero shortens it. */
function positiveSerial(): string {
  const [first = 0, ...rest] = randomBytes(SERIAL_BYTES);
  return Buffer.from([(first & 0x3f) | 0x40, ...rest]).toString('hex');
}
