import type { JwtConnection, OAuth2Connection, OidcConnection } from '#libs/contracts';
import type { JwtSettings, OAuth2Settings, OidcSettings } from '#libs/federation';
import { durationMs } from '#libs/kernel';

/** What a connection needs beside its settings: where Gatebook is reached, and the secrets themselves. */
export interface ProtocolSurroundings {
  /** Origin without a trailing slash. */
  readonly publicUrl: string;
  /** The value behind the fingerprint of the settings; null where there is none. */
  readonly clientSecret: string | null;
  /** For `private_key_jwt`. */
  readonly privateKey: OidcSettings['privateKey'];
}

/** Where the provider of an OpenID Connect or OAuth 2.0 connection sends people back to. */
export const redirectUriOf = (connection: string, publicUrl: string): string =>
  `${publicUrl}/login/${connection}/callback`;

/** What a connection's settings mean for OpenID Connect. */
export function oidcSettingsOf(
  connection: string,
  oidc: OidcConnection,
  { publicUrl, clientSecret, privateKey }: ProtocolSurroundings,
): OidcSettings {
  const { graph: _groups, maxAge, clockSkew, ...settings } = oidc;
  return {
    ...settings,
    connection,
    clientSecret,
    privateKey,
    redirectUri: redirectUriOf(connection, publicUrl),
    maxAgeSeconds: maxAge === null ? null : durationMs(maxAge) / 1000,
    clockSkewSeconds: durationMs(clockSkew) / 1000,
  };
}

/** What a connection's settings mean for OAuth 2.0 without an ID token. */
export function oauth2SettingsOf(
  connection: string,
  oauth2: OAuth2Connection,
  { publicUrl, clientSecret }: Pick<ProtocolSurroundings, 'publicUrl' | 'clientSecret'>,
): OAuth2Settings {
  return { ...oauth2, connection, clientSecret, redirectUri: redirectUriOf(connection, publicUrl) };
}

/** What a connection's settings mean for assertions of a trusted issuer. */
export function jwtSettingsOf(connection: string, { maxAge, clockSkew, ...jwt }: JwtConnection): JwtSettings {
  return {
    ...jwt,
    connection,
    maxAgeSeconds: durationMs(maxAge) / 1000,
    clockSkewSeconds: durationMs(clockSkew) / 1000,
  };
}
