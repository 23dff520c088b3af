import type { ConnectionSettings } from '#libs/contracts';
import type { SamlSettings } from '#libs/federation';
import { durationMs } from '#libs/kernel';

/** Age above which no assertion is accepted, whatever it says of itself (PT5M). */
const MAX_ASSERTION_AGE_SECONDS = 300;

/** One object for each version of a connection: the verifier checks certificates once per object. */
const known = new WeakMap<ConnectionSettings, SamlSettings>();

/** What a connection means for SAML at this address of Gatebook, the same for the life of a process. */
export function samlSettingsOf(connection: string, settings: ConnectionSettings, publicUrl: string): SamlSettings {
  const made = known.get(settings) ?? Object.freeze(toSamlSettings(connection, settings, publicUrl));
  known.set(settings, made);
  return made;
}

function toSamlSettings(connection: string, { saml }: ConnectionSettings, publicUrl: string): SamlSettings {
  const base = `${publicUrl}/saml/${connection}`;
  return {
    connection,
    idpEntityId: saml.idpEntityId,
    ssoUrl: saml.ssoUrl,
    certificates: saml.certificates,
    spEntityId: saml.spEntityId ?? `${base}/metadata`,
    acsUrl: `${base}/acs`,
    allowIdpInitiated: saml.allowIdpInitiated,
    requireSigned: saml.requireSigned,
    clockSkewSeconds: durationMs(saml.clockSkew) / 1000,
    maxAssertionAgeSeconds: MAX_ASSERTION_AGE_SECONDS,
  };
}
