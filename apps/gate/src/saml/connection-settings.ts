import type { ConnectionSettings } from '#libs/contracts';
import type { SamlSettings } from '#libs/federation';
import { durationMs } from '#libs/kernel';

/** Age above which no assertion is accepted, whatever it says of itself (PT5M). */
const MAX_ASSERTION_AGE_SECONDS = 300;

/** What a connection means for SAML at this address of Gatebook. */
export function samlSettingsOf(connection: string, { saml }: ConnectionSettings, publicUrl: string): SamlSettings {
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
