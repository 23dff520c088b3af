import { DomainError } from '#libs/kernel';
import { wrongCertificate, wrongKeyPair, wrongPrivateKey } from './saml-keys.js';

/** Which signatures a connection asks for. `either` is met by a signed Response or a signed Assertion; a signature that is there must be valid. */
export type RequiredSignature = 'either' | 'assertion' | 'response' | 'both';

/** How a message travels through the browser: in an address, or in a form that sends itself. */
export type SamlBinding = 'redirect' | 'post';

/** A key of ours and the certificate that the identity provider knows it by. PEM: PKCS #8 or PKCS #1, RSA of at least 2048 bits. */
export interface SigningKey {
  readonly privateKeyPem: string;
  readonly certificatePem: string;
}

/** What Gatebook has to know of one SAML connection to ask its identity provider and to check its answers. Plain data. */
export interface SamlSettings {
  /** Id of the connection. */
  readonly connection: string;
  readonly idpEntityId: string;
  /** Where people are sent to sign in. */
  readonly ssoUrl: string;
  /** How they are sent there. */
  readonly requestBinding: SamlBinding;
  /** Sign requests to sign in; needs `signingKey`. Messages of single logout are always signed. */
  readonly signRequests: boolean;
  readonly signingKey: SigningKey | null;
  /** PEM certificates that the identity provider may sign with, 1 to 6 (old, current, next, of two signers). RSA, at least 2048 bits. */
  readonly certificates: readonly string[];
  readonly spEntityId: string;
  /** Assertion consumer service: the address that answers are posted to. */
  readonly acsUrl: string;
  /** Our address for messages of single logout, whichever binding. */
  readonly spSloUrl: string;
  /** Accept answers that nobody asked for; they must be signed as a whole. */
  readonly allowIdpInitiated: boolean;
  readonly requireSigned: RequiredSignature;
  /** Whether an assertion may or must be encrypted. */
  readonly encryption: 'refuse' | 'accept' | 'require';
  /** PEM private keys that assertions may be encrypted for, at most 3 (current and earlier ones). RSA, at least 2048 bits. */
  readonly decryptionKeys: readonly string[];
  /** Accept AES-CBC, which protects no integrity, inside of a signed response. Otherwise only AES-GCM. */
  readonly allowCbc: boolean;
  /** Ask that people prove themselves anew even if the identity provider knows them still. */
  readonly forceAuthn: boolean;
  /** Authentication context classes of which one is asked for, exactly; none: any way of signing in will do. At most 10. */
  readonly requestedAuthnContext: readonly string[];
  /** Where the identity provider takes messages of single logout; null: it has no single logout. */
  readonly sloUrl: string | null;
  /** Where it takes answers to its own logout requests; null: at `sloUrl`. */
  readonly sloResponseUrl: string | null;
  readonly sloBinding: SamlBinding;
  /** Tolerance between the two clocks, 0 to 600 s. */
  readonly clockSkewSeconds: number;
  /** Age above which an assertion is refused even if it says that it is still valid, 1 to 3600 s. Usually 300. */
  readonly maxAssertionAgeSeconds: number;
}

/** What a connection does that asks for nothing beyond signing in: plain requests, no encryption, no single logout. */
export const SAML_DEFAULTS = {
  requestBinding: 'redirect',
  signRequests: false,
  signingKey: null,
  encryption: 'refuse',
  decryptionKeys: [],
  allowCbc: false,
  forceAuthn: false,
  requestedAuthnContext: [],
  sloUrl: null,
  sloResponseUrl: null,
  sloBinding: 'redirect',
} as const satisfies Partial<SamlSettings>;

/** Old, current and next, of an identity provider with two signers. Which one signed is found at the cost of an RSA check each. */
export const CERTIFICATES_MAX = 6;
/** Each is tried on an encrypted assertion, before any signature is checked. */
export const DECRYPTION_KEYS_MAX = 3;
export const AUTHN_CONTEXTS_MAX = 10;
export const CLOCK_SKEW_MAX_SECONDS = 600;
export const ASSERTION_AGE_MAX_SECONDS = 3600;
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
  const wrong =
    wrongCertificates(settings.certificates) ?? wrongKeys(settings) ?? wrongNumbers(settings) ?? wrongTexts(settings);
  if (wrong) throw new SamlSettingsError(`Connection ${settings.connection}: ${wrong}`);
  checked.add(settings);
}

/**
 * The key that our messages are signed with.
 * @throws {SamlSettingsError} when there is none
 */
export function signingKeyOf({ connection, signingKey }: SamlSettings): SigningKey {
  if (signingKey) return signingKey;
  throw new SamlSettingsError(`Connection ${connection}: signed messages need a signing key.`);
}

function wrongCertificates(certificates: readonly string[]): string | undefined {
  if (certificates.length < 1 || certificates.length > CERTIFICATES_MAX) {
    return `certificates must be 1 to ${CERTIFICATES_MAX}, not ${certificates.length}.`;
  }
  return certificates
    .map((pem, index) => wrongCertificate(pem, `certificate ${index + 1}`))
    .find((wrong) => wrong !== undefined);
}

function wrongKeys({ signRequests, signingKey, decryptionKeys }: SamlSettings): string | undefined {
  if (signRequests && !signingKey) return 'signRequests needs a signing key.';
  if (decryptionKeys.length > DECRYPTION_KEYS_MAX) {
    return `decryption keys must be at most ${DECRYPTION_KEYS_MAX}, not ${decryptionKeys.length}.`;
  }
  const wrong = decryptionKeys.map((pem, index) => wrongPrivateKey(pem, `decryption key ${index + 1}`));
  return (signingKey && wrongKeyPair(signingKey)) ?? wrong.find((each) => each !== undefined);
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

function wrongTexts(settings: SamlSettings): string | undefined {
  const { idpEntityId, spEntityId, ssoUrl, acsUrl, spSloUrl, sloUrl, sloResponseUrl } = settings;
  if (!isBounded(idpEntityId) || !isBounded(spEntityId)) {
    return `idpEntityId and spEntityId must have 1 to ${URL_LENGTH_MAX} characters.`;
  }
  if (![ssoUrl, acsUrl, spSloUrl].every(isWebUrl)) {
    return 'ssoUrl, the ACS address and the address for single logout must be http or https URLs.';
  }
  const logout = [sloUrl, sloResponseUrl].filter((url) => url !== null);
  if (!logout.every(isWebUrl)) return 'sloUrl must be an http or https URL.';
  const contexts = settings.requestedAuthnContext;
  if (contexts.length > AUTHN_CONTEXTS_MAX || !contexts.every(isBounded)) {
    return `requestedAuthnContext must be at most ${AUTHN_CONTEXTS_MAX} URIs.`;
  }
  return undefined;
}

const isBounded = (text: string) => text.length > 0 && text.length <= URL_LENGTH_MAX;
const isWebUrl = (text: string) => isBounded(text) && /^https?:/i.test(text) && URL.canParse(text);
