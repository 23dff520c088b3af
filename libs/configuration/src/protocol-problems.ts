import type { ConnectionSettings } from '#libs/contracts';
import {
  checkJwtSettings,
  checkOAuth2Settings,
  checkOidcSettings,
  JwtSettingsError,
  OAuth2SettingsError,
  OidcSettingsError,
} from '#libs/federation';
import type { ConfigurationProblem } from './configuration.errors.js';
import type { Configuration } from './configuration.schema.js';
import { jwtSettingsOf, oauth2SettingsOf, oidcSettingsOf } from './protocol-settings.js';
import { samlProblem } from './saml-connections.js';

type Protocols = Pick<ConnectionSettings, 'saml' | 'oidc' | 'oauth2' | 'jwt'>;

/** A setting of a protocol that cannot work. */
export interface ProtocolProblem {
  readonly block: keyof Protocols;
  readonly problem: string;
}

/**
 * What is wrong with the settings of a connection's protocol, by the check that they meet when they are used: a certificate that is none, a
 * key that is too short, an address that is no URL. Null when nothing is, or when metadata that says it is yet to be read.
 */
export function protocolProblem(connection: string, settings: Protocols, publicUrl: string): ProtocolProblem | null {
  const { oidc, oauth2, jwt } = settings;
  const saml = samlProblem(connection, settings, publicUrl);
  if (saml !== null) return { block: 'saml', problem: saml };
  return (
    (oidc && attempt('oidc', () => checkOidcSettings(checkable(connection, oidc, publicUrl)))) ??
    (oauth2 &&
      attempt('oauth2', () => {
        const { clientSecret } = oauth2;
        // whether plain HTTP may be spoken is for the operator to say, where requests are made
        checkOAuth2Settings(oauth2SettingsOf(connection, oauth2, { publicUrl, clientSecret }), () => true);
      })) ??
    (jwt && attempt('jwt', () => checkJwtSettings(jwtSettingsOf(connection, jwt), () => true)))
  );
}

/** Keys of ours are made when they are first used, and are always good. */
function checkable(connection: string, oidc: NonNullable<Protocols['oidc']>, publicUrl: string) {
  const { clientSecret, tokenEndpointAuthMethod: method } = oidc;
  const tokenEndpointAuthMethod = method === 'private_key_jwt' ? 'none' : method;
  const surroundings = { publicUrl, clientSecret, privateKey: null };
  return { ...oidcSettingsOf(connection, oidc, surroundings), tokenEndpointAuthMethod };
}

/** Finds connections whose settings cannot work. */
export function connectionProblems({ tenants }: Configuration, publicUrl: string): ConfigurationProblem[] {
  return tenants.flatMap((tenant, index) =>
    tenant.connections.flatMap((connection, at) => {
      const found = protocolProblem(connection.id, connection, publicUrl);
      if (found === null) return [];
      return [{ line: null, path: `tenants[${index}].connections[${at}].${found.block}`, problem: found.problem }];
    }),
  );
}

function attempt(block: ProtocolProblem['block'], check: () => void): ProtocolProblem | null {
  try {
    check();
    return null;
  } catch (error) {
    const known =
      error instanceof OidcSettingsError || error instanceof OAuth2SettingsError || error instanceof JwtSettingsError;
    if (!known) throw error;
    return { block, problem: error.message };
  }
}
