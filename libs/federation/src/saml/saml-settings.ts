import { createHash, X509Certificate } from 'node:crypto';
import { DomainError } from '#libs/kernel';

/** Which signatures a connection asks for. `either` is met by a signed Response or a signed Assertion; a signature that is there must be valid. */
export type RequiredSignature = 'either' | 'assertion' | 'response' | 'both';

/** What Gatebook has to know of one SAML connection to ask its identity provider and to check its answers. */
export interface SamlSettings {
  /** Id of the connection. */
  readonly connection: string;
  readonly idpEntityId: string;
  /** Where people are sent to sign in (HTTP-Redirect binding). */
  readonly ssoUrl: string;
  /** PEM certificates that the identity provider may sign with, 1 to 3 (3 = old, current, next). RSA, at least 2048 bits. */
  readonly certificates: readonly string[];
  readonly spEntityId: string;
  /** Assertion consumer service: the address that answers are posted to. */
  readonly acsUrl: string;
  /** Accept answers that nobody asked for; they must be signed as a whole. */
  readonly allowIdpInitiated: boolean;
  readonly requireSigned: RequiredSignature;
  /** Tolerance between the two clocks, 0 to 600 s. */
  readonly clockSkewSeconds: number;
  /** Age above which an assertion is refused even if it says that it is still valid, 1 to 3600 s. Usually 300. */
  readonly maxAssertionAgeSeconds: number;
}

/** Every certificate costs one verification when a signature is wrong. */
export const CERTIFICATES_MAX = 3;
export const CLOCK_SKEW_MAX_SECONDS = 600;
export const ASSERTION_AGE_MAX_SECONDS = 3600;
const RSA_BITS_MIN = 2048;
const URL_LENGTH_MAX = 2048;

/** A connection's SAML settings cannot work; `message` says which one and why. */
export class SamlSettingsError extends DomainError {
  readonly code = 'saml-settings-invalid';
  readonly kind = 'invalid';
}

/** Settings that were found good; they are immutable, so once is enough. */
const checked = new WeakSet<SamlSettings>();

/**
 * Checks settings before anything relies on them: when a connection is configured, and again before its first use.
 * An expired certificate is accepted: in SAML the key is trusted because an administrator pinned it, not because of its dates.
 * @throws {SamlSettingsError} naming the connection, the setting and the rule
 */
export function checkSamlSettings(settings: SamlSettings): void {
  if (checked.has(settings)) return;
  const wrong = wrongCertificates(settings.certificates) ?? wrongNumbers(settings) ?? wrongTexts(settings);
  if (wrong) throw new SamlSettingsError(`Connection ${settings.connection}: ${wrong}`);
  checked.add(settings);
}

/** A certificate without the text that tools write around it. */
export interface PinnedCertificate {
  readonly pem: string;
  /** SHA-256 of the DER form in hex: the fingerprint that administrators compare. */
  readonly sha256: string;
}

const PEM_BLOCK = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/;

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

function wrongCertificates(certificates: readonly string[]): string | undefined {
  if (certificates.length < 1 || certificates.length > CERTIFICATES_MAX) {
    return `certificates must be 1 to ${CERTIFICATES_MAX}, not ${certificates.length}.`;
  }
  return certificates.map((pem, index) => wrongCertificate(pem, index + 1)).find((wrong) => wrong !== undefined);
}

function wrongCertificate(text: string, number: number): string | undefined {
  try {
    const { asymmetricKeyType, asymmetricKeyDetails } = new X509Certificate(pinnedCertificate(text).pem).publicKey;
    const bits = asymmetricKeyDetails?.modulusLength ?? 0;
    if (asymmetricKeyType === 'rsa' && bits >= RSA_BITS_MIN) return undefined;
    return `certificate ${number} needs an RSA key of at least ${RSA_BITS_MIN} bits.`;
  } catch {
    return `certificate ${number} is not a PEM certificate (-----BEGIN CERTIFICATE-----).`;
  }
}

function wrongNumbers({ clockSkewSeconds, maxAssertionAgeSeconds }: SamlSettings): string | undefined {
  if (!(clockSkewSeconds >= 0 && clockSkewSeconds <= CLOCK_SKEW_MAX_SECONDS)) {
    return `clockSkew must be 0 to ${CLOCK_SKEW_MAX_SECONDS} seconds.`;
  }
  if (!(maxAssertionAgeSeconds >= 1 && maxAssertionAgeSeconds <= ASSERTION_AGE_MAX_SECONDS)) {
    return `maxAssertionAge must be 1 to ${ASSERTION_AGE_MAX_SECONDS} seconds.`;
  }
  return undefined;
}

function wrongTexts({ idpEntityId, spEntityId, ssoUrl, acsUrl }: SamlSettings): string | undefined {
  if (!isBounded(idpEntityId) || !isBounded(spEntityId)) {
    return `idpEntityId and spEntityId must have 1 to ${URL_LENGTH_MAX} characters.`;
  }
  if (!isWebUrl(ssoUrl) || !isWebUrl(acsUrl)) return 'ssoUrl and the ACS address must be http or https URLs.';
  return undefined;
}

const isBounded = (text: string) => text.length > 0 && text.length <= URL_LENGTH_MAX;
const isWebUrl = (text: string) => isBounded(text) && /^https?:/i.test(text) && URL.canParse(text);
