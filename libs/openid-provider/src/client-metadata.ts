import type { ClientMetadata } from 'oidc-provider';
import type { ClientState } from '#libs/domain';
import { JWT_BEARER } from './bearer-grant.js';

/** An enabled client as the protocol knows it; undefined for one that may not be used now. */
export function clientMetadataOf(
  client: ClientState | undefined,
  mayBringAssertions: (client: ClientState) => boolean,
): ClientMetadata | undefined {
  if (client?.status !== 'present' || !client.enabled) return undefined;
  return metadataToTell(client, mayBringAssertions);
}

/**
 * A client, enabled or not, as it is told of sign-outs: also of those that its own end brings. Undefined where it never had settings.
 * In place of its secret stands the secret's HMAC: `compareClientSecret` is replaced, and no symmetric algorithm is enabled that would
 * take it for a key.
 */
export function metadataToTell(
  client: ClientState | undefined,
  mayBringAssertions: (client: ClientState) => boolean,
): ClientMetadata | undefined {
  if (!client?.settings) return undefined;
  const { settings } = client;
  return {
    client_id: client.id,
    client_name: settings.name,
    application_type: 'web',
    token_endpoint_auth_method: settings.tokenEndpointAuthMethod,
    ...(settings.secretHash === null ? {} : { client_secret: settings.secretHash }),
    redirect_uris: [...settings.redirectUris],
    post_logout_redirect_uris: [...settings.postLogoutRedirectUris],
    response_types: ['code'],
    grant_types: [
      'authorization_code',
      ...(settings.refresh ? ['refresh_token'] : []),
      ...(settings.secretHash !== null && mayBringAssertions(client) ? [JWT_BEARER] : []),
    ],
    ...(settings.backchannelLogoutUri === null
      ? {}
      : { backchannel_logout_uri: settings.backchannelLogoutUri, backchannel_logout_session_required: true }),
  };
}
