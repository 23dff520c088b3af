import { LDAP_CLAIMS, OIDC_ATTRIBUTES, SECOND_FACTOR_CONTEXTS, SECOND_FACTOR_METHODS } from './claim-names.js';
import type { Preset } from './preset.js';

/** Keycloak by SAML. */
export const keycloakSaml: Preset = {
  name: 'keycloak-saml',
  title: 'Keycloak',
  protocol: 'saml',
  settings: {
    saml: { requireSigned: 'both' },
    subject: 'nameId',
    authenticationContexts: { mfa: SECOND_FACTOR_CONTEXTS },
    attributes: {
      userName: { firstOf: ['username', 'email', LDAP_CLAIMS.emailOfPkcs9, 'nameId'] },
      email: { firstOf: ['email', LDAP_CLAIMS.emailOfPkcs9] },
      givenName: { firstOf: ['firstName', 'givenName', LDAP_CLAIMS.givenName] },
      familyName: { firstOf: ['lastName', 'surname', LDAP_CLAIMS.familyName] },
    },
    groups: { attribute: 'groups', whenMissing: 'none', strip: '/' },
  },
  screens: [
    {
      title: 'Clients → Create client → SAML',
      steps: [
        'Client ID: {entityId}. Valid redirect URIs and Master SAML Processing URL: {acsUrl}',
        'Name ID format: persistent. Sign documents and Sign assertions: on, RSA_SHA256.',
        'Keys → Client signature required: on needs signRequests here.',
        'Client scopes → dedicated → Add mapper: Group list (Single Group Attribute on) as groups; User Property email, firstName, lastName.',
      ],
    },
  ],
  traps: [
    'The default scope role_list sends Role, one element for each role, Keycloak’s own roles among them: remove it, or use groups.attribute Role.',
    'Keycloak leaves groups out for a person without groups: whenMissing none takes the roles back.',
    'A realm that is imported afresh has new keys: use the metadata address.',
  ],
};

/** Keycloak by OpenID Connect. */
export const keycloakOidc: Preset = {
  name: 'keycloak-oidc',
  title: 'Keycloak',
  protocol: 'oidc',
  settings: {
    oidc: { scopes: ['openid', 'profile', 'email'] },
    authenticationContexts: { mfa: ['2', 'mfa', ...SECOND_FACTOR_METHODS.filter((method) => method === 'otp')] },
    attributes: { ...OIDC_ATTRIBUTES, externalId: 'nameId' },
    groups: { attribute: 'groups', whenMissing: 'none', strip: '/' },
  },
  screens: [
    {
      title: 'Clients → Create client → OpenID Connect',
      steps: [
        'Client authentication: on. Authentication flow: Standard flow only.',
        'Valid redirect URIs: {redirectUri}. Valid post logout redirect URIs: {logoutUri}',
        'Credentials: Client Id and Secret. The issuer is https://HOST/realms/REALM.',
        'Client scopes → dedicated → Add mapper → Group Membership: Token Claim Name groups, Add to ID token on.',
      ],
    },
  ],
  traps: [
    'Realm roles stand in realm_access.roles, of the access token: add them to the ID token with a mapper, or use groups.',
    'acr is 1 or 0 unless the realm maps levels of authentication to names (ACR to LoA Mapping).',
  ],
};
