import { createHash, createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';

/** A certificate without the text that tools write around it. */
export interface PinnedCertificate {
  readonly pem: string;
  /** SHA-256 of the DER form in hex: the fingerprint that administrators compare. */
  readonly sha256: string;
}

const RSA_BITS_MIN = 2048;
const PEM_BLOCK = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/;
/** More keys than the connections of a busy minute use; whichever came first goes first. */
const KEPT_KEYS_MAX = 100;
const kept = new Map<string, KeyObject>();

/**
 * Takes the first certificate out of a PEM text.
 * @throws {TypeError} when there is none
 */
export function pinnedCertificate(text: string): PinnedCertificate {
  const body = PEM_BLOCK.exec(text)?.[1]?.replace(/\s/g, '');
  if (!body) throw new TypeError('There is no certificate in this text.');
  const sha256 = createHash('sha256').update(Buffer.from(body, 'base64')).digest('hex');
  return { pem: `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`, sha256 };
}

/** The public key of a certificate; read once, since reading costs more than using it. */
export function publicKeyOf({ pem }: PinnedCertificate): KeyObject {
  return read(pem, () => new X509Certificate(pem).publicKey);
}

/** A private key out of its PEM text; read once, since reading costs as much as using it. */
export function privateKeyOf(pem: string): KeyObject {
  return read(pem, () => createPrivateKey(pem));
}

function read(text: string, make: () => KeyObject): KeyObject {
  const known = kept.get(text);
  if (known) return known;
  const key = make();
  const [oldest] = kept.keys();
  if (oldest !== undefined && kept.size >= KEPT_KEYS_MAX) kept.delete(oldest);
  kept.set(text, key);
  return key;
}

/** What is wrong with a certificate that signatures are to be checked with, in words; undefined when nothing is. */
export function wrongCertificate(text: string, name: string): string | undefined {
  try {
    if (isStrongRsa(new X509Certificate(pinnedCertificate(text).pem).publicKey)) return undefined;
    return `${name} needs an RSA key of at least ${RSA_BITS_MIN} bits.`;
  } catch {
    return `${name} is not a PEM certificate (-----BEGIN CERTIFICATE-----).`;
  }
}

/** What is wrong with a private key, in words that hold nothing of it; undefined when nothing is. */
export function wrongPrivateKey(pem: string, name: string): string | undefined {
  try {
    if (isStrongRsa(createPrivateKey(pem))) return undefined;
    return `${name} must be an RSA key of at least ${RSA_BITS_MIN} bits.`;
  } catch {
    return `${name} is not a PEM private key without a passphrase.`;
  }
}

/** What is wrong with a key and its certificate, in words; undefined when they belong together. */
export function wrongKeyPair(pair: {
  readonly privateKeyPem: string;
  readonly certificatePem: string;
}): string | undefined {
  const wrong =
    wrongPrivateKey(pair.privateKeyPem, 'the signing key') ??
    wrongCertificate(pair.certificatePem, "the signing key's certificate");
  if (wrong) return wrong;
  const certificate = new X509Certificate(pinnedCertificate(pair.certificatePem).pem);
  return certificate.checkPrivateKey(createPrivateKey(pair.privateKeyPem))
    ? undefined
    : 'the signing key and its certificate do not belong together.';
}

function isStrongRsa({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): boolean {
  return asymmetricKeyType === 'rsa' && (asymmetricKeyDetails?.modulusLength ?? 0) >= RSA_BITS_MIN;
}
