import 'reflect-metadata'; // the certificate library resolves its algorithms through it
import { KeyObject, randomBytes, webcrypto } from 'node:crypto';
import { X509CertificateGenerator } from '@peculiar/x509';

/** Length of the RSA key, bits: what the large identity providers use. */
const MODULUS_BITS = 2048;
/** How long the certificate is valid. Relying parties compare certificates byte by byte, so renewing is a manual act. */
const VALID_DAYS = 3650;
const DAY_MS = 86_400_000;
/** RFC 5280 §4.1.2.2 allows 20 octets; the first bit stays clear so that the number is positive. */
const SERIAL_BYTES = 16;

/** A signing key and the certificate that relying parties trust, both PEM text (PKCS #8 and X.509). */
export interface IdentityProviderKey {
  readonly privateKeyPem: string;
  readonly certificatePem: string;
}

/**
 * Makes a 2048-bit RSA key with a self-signed SHA-256 certificate, valid for ten years from `now`.
 * Takes 50 to 500 ms off the event loop. Every call makes a new key.
 */
export async function createIdentityProviderKey({
  commonName,
  now,
}: {
  commonName: string;
  now: Date;
}): Promise<IdentityProviderKey> {
  const signingAlgorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(
    { ...signingAlgorithm, modulusLength: MODULUS_BITS, publicExponent: new Uint8Array([1, 0, 1]) },
    true,
    ['sign', 'verify'],
  );
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: [{ CN: [commonName] }],
    notBefore: now,
    notAfter: new Date(now.getTime() + VALID_DAYS * DAY_MS),
    signingAlgorithm,
    keys: keys as CryptoKeyPair, // Node's own type lists newer usages than the platform's
  });
  return {
    privateKeyPem: KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificatePem: `${certificate.toString('pem').trim()}\n`,
  };
}

function serialNumber(): string {
  const bytes = randomBytes(SERIAL_BYTES);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40; // positive, and never shortened by a leading zero
  return bytes.toString('hex');
}
