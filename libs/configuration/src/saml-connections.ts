import type { ConnectionSettings } from '#libs/contracts';
import { checkSamlSettings, type SamlSettings, SamlSettingsError } from '#libs/federation';
import { DomainError, durationMs } from '#libs/kernel';

/** Age above which no assertion is accepted, whatever it says of itself (PT5M). */
const MAX_ASSERTION_AGE_SECONDS = 300;

type WithSaml = Pick<ConnectionSettings, 'saml'>;

/** The connection does not speak SAML. */
export class NotSamlError extends DomainError {
  readonly code = 'not-a-saml-connection';
  readonly kind = 'notFound';
  constructor(connection: string) {
    super(`The connection ${connection} does not speak SAML.`);
  }
}

/** The metadata of the connection's identity provider has not been read yet, so nobody can sign in through it. */
export class MetadataNotReadError extends DomainError {
  readonly code = 'metadata-not-read';
  readonly kind = 'unavailable';
  constructor(connection: string) {
    super(
      `The metadata of the connection ${connection} has not been read yet. It is tried again and again; GET /api/v1/connections/${connection} says why it fails.`,
    );
  }
}

/** Keys of ours that a connection signs and decrypts with. */
export type SamlKeys = Pick<SamlSettings, 'signingKey' | 'decryptionKeys'>;

/** For whoever only reads plain responses. */
const NO_KEYS: SamlKeys = { signingKey: null, decryptionKeys: [] };

/** One object for each version of a connection: the verifier checks certificates once per object. */
const known = new WeakMap<
  WithSaml,
  { readonly publicUrl: string; readonly keys: SamlKeys; readonly settings: SamlSettings }
>();

/**
 * What a connection's settings mean for SAML where Gatebook is reached at `publicUrl` (an origin, without a trailing slash). Pass the same
 * `keys` object as long as the keys are the same: then the answer is the same object, too.
 * @throws {NotSamlError | MetadataNotReadError}
 */
export function samlSettingsOf(
  connection: string,
  settings: WithSaml,
  publicUrl: string,
  keys: SamlKeys = NO_KEYS,
): SamlSettings {
  const made = known.get(settings);
  if (made?.publicUrl === publicUrl && made.keys === keys && made.settings.connection === connection)
    return made.settings;
  const saml = Object.freeze({ ...toSamlSettings(connection, settings, publicUrl), ...keys });
  known.set(settings, { publicUrl, keys, settings: saml });
  return saml;
}

function toSamlSettings(connection: string, { saml }: WithSaml, publicUrl: string): Omit<SamlSettings, keyof SamlKeys> {
  if (saml === null) throw new NotSamlError(connection);
  const { idpEntityId, ssoUrl, certificates } = saml;
  if (idpEntityId === null || ssoUrl === null || certificates.length === 0) throw new MetadataNotReadError(connection);
  const { entityId, acsUrl } = serviceProviderOf(connection, { saml }, publicUrl);
  return {
    connection,
    idpEntityId,
    ssoUrl,
    certificates,
    spEntityId: entityId,
    acsUrl,
    spSloUrl: `${publicUrl}/saml/${connection}/slo`,
    requestBinding: saml.requestBinding,
    signRequests: saml.signRequests,
    allowIdpInitiated: saml.allowIdpInitiated,
    requireSigned: saml.requireSigned,
    encryption: saml.encryption,
    allowCbc: saml.allowCbc,
    forceAuthn: saml.forceAuthn,
    requestedAuthnContext: saml.requestedAuthnContext,
    sloUrl: saml.sloUrl,
    sloResponseUrl: null,
    sloBinding: saml.sloBinding,
    clockSkewSeconds: durationMs(saml.clockSkew) / 1000,
    maxAssertionAgeSeconds: MAX_ASSERTION_AGE_SECONDS,
  };
}

/** Where the identity provider of a SAML connection finds Gatebook; known before anything is known of the provider. */
export function serviceProviderOf(
  connection: string,
  { saml }: WithSaml,
  publicUrl: string,
): { readonly entityId: string; readonly acsUrl: string; readonly metadataUrl: string } {
  const base = `${publicUrl}/saml/${connection}`;
  const metadataUrl = `${base}/metadata`;
  return { entityId: saml?.spEntityId ?? metadataUrl, acsUrl: `${base}/acs`, metadataUrl };
}

/** What is wrong with the SAML settings of a connection; null when nothing is, or when its metadata is yet to be read. */
export function samlProblem(connection: string, settings: WithSaml, publicUrl: string): string | null {
  if (settings.saml === null || settings.saml.metadata !== null) return null;
  try {
    // keys of ours are made when they are first used, and are always good
    const withoutKeys = { signRequests: false, encryption: 'refuse', sloUrl: null } as const;
    checkSamlSettings({ ...samlSettingsOf(connection, settings, publicUrl), ...withoutKeys });
    return null;
  } catch (error) {
    if (error instanceof SamlSettingsError) return error.message;
    throw error;
  }
}
