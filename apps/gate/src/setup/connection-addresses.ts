import { redirectUriOf, serviceProviderOf } from '#libs/configuration';
import type { KnownConnection } from '../settings/known-connection.js';

/** One of our addresses, as an identity provider's administrator needs it. */
export interface Address {
  /** What texts about providers call it. */
  readonly place: string;
  readonly name: string;
  readonly value: string;
}

/** The addresses of a connection, by its protocol. */
export function addressesOf({ id, settings }: KnownConnection, publicUrl: string): Address[] {
  const login = `${publicUrl}/login/${id}`;
  const { protocol, saml, oidc } = settings;
  if (protocol === 'saml') {
    const { acsUrl, entityId, metadataUrl } = serviceProviderOf(id, settings, publicUrl);
    return [
      { place: 'acsUrl', name: 'ACS (reply, single sign-on) URL', value: acsUrl },
      { place: 'entityId', name: 'Entity ID (audience)', value: entityId },
      { place: 'metadataUrl', name: 'Metadata', value: metadataUrl },
      ...(saml?.sloUrl
        ? [{ place: 'logoutUri', name: 'Single logout URL', value: `${publicUrl}/saml/${id}/slo` }]
        : []),
    ];
  }
  if (protocol === 'jwt') return [{ place: 'tokenUrl', name: 'Token endpoint', value: `${publicUrl}/op/token` }];
  return [
    { place: 'redirectUri', name: 'Redirect URI (callback)', value: redirectUriOf(id, publicUrl) },
    ...(protocol === 'oidc'
      ? [
          { place: 'logoutUri', name: 'Sign-out redirect URI', value: `${publicUrl}/logout` },
          { place: 'backchannelLogoutUri', name: 'Back-channel logout URI', value: `${login}/backchannel-logout` },
        ]
      : []),
    ...(oidc?.tokenEndpointAuthMethod === 'private_key_jwt'
      ? [{ place: 'jwksUrl', name: 'Our public keys (JWKS)', value: `${login}/jwks.json` }]
      : []),
  ];
}
