import type { ConnectionSettings } from '#libs/contracts';
import { checkSamlSettings, type SamlSettings, SamlSettingsError } from '#libs/federation';
import { durationMs } from '#libs/kernel';
import type { ConfigurationProblem } from './configuration.errors.js';
import type { Configuration } from './configuration.schema.js';

/** Age above which no assertion is accepted, whatever it says of itself (PT5M). */
const MAX_ASSERTION_AGE_SECONDS = 300;

type WithSaml = Pick<ConnectionSettings, 'saml'>;

/** One object for each version of a connection: the verifier checks certificates once per object. */
const known = new WeakMap<WithSaml, { readonly publicUrl: string; readonly settings: SamlSettings }>();

/** What a connection's settings mean for SAML where Gatebook is reached at `publicUrl` (an origin, without a trailing slash). */
export function samlSettingsOf(connection: string, settings: WithSaml, publicUrl: string): SamlSettings {
  const made = known.get(settings);
  if (made?.publicUrl === publicUrl && made.settings.connection === connection) return made.settings;
  const saml = Object.freeze(toSamlSettings(connection, settings, publicUrl));
  known.set(settings, { publicUrl, settings: saml });
  return saml;
}

function toSamlSettings(connection: string, { saml }: WithSaml, publicUrl: string): SamlSettings {
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

/** Finds SAML settings that cannot work: a certificate that is none, a key that is too short, an address that is no URL. */
export function connectionProblems({ tenants }: Configuration, publicUrl: string): ConfigurationProblem[] {
  return tenants.flatMap((tenant, index) =>
    tenant.connections.flatMap((connection, at) => {
      const problem = samlProblem(samlSettingsOf(connection.id, connection, publicUrl));
      return problem === null ? [] : [{ line: null, path: `tenants[${index}].connections[${at}].saml`, problem }];
    }),
  );
}

function samlProblem(settings: SamlSettings): string | null {
  try {
    checkSamlSettings(settings);
    return null;
  } catch (error) {
    if (error instanceof SamlSettingsError) return error.message;
    throw error;
  }
}
