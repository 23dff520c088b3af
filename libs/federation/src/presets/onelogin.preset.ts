import { OIDC_ATTRIBUTES, SECOND_FACTOR_CONTEXTS, SECOND_FACTOR_METHODS } from './claim-names.js';
import type { Preset } from './preset.js';

/** OneLogin by SAML: groups come as one text, joined by semicolons. */
export const oneloginSaml: Preset = {
  name: 'onelogin-saml',
  title: 'OneLogin',
  protocol: 'saml',
  settings: {
    saml: { requireSigned: 'either' },
    subject: 'nameId',
    authenticationContexts: { mfa: SECOND_FACTOR_CONTEXTS },
    attributes: {
      userName: { firstOf: ['User.Username', 'User.email', 'email', 'nameId'] },
      email: { firstOf: ['User.email', 'email', 'Email'] },
      givenName: { firstOf: ['User.FirstName', 'firstname', 'first_name'] },
      familyName: { firstOf: ['User.LastName', 'lastname', 'last_name'] },
      department: { firstOf: ['User.Department', 'department'] },
      title: { firstOf: ['User.Title', 'title'] },
      externalId: 'PersonImmutableID',
    },
    groups: { attribute: 'memberOf', whenMissing: 'unknown', split: ';', form: 'dn' },
  },
  screens: [
    {
      title: 'Applications → Add App → SAML Custom Connector (Advanced)',
      steps: [
        'Configuration: Audience (EntityID) {entityId}, Recipient and ACS (Consumer) URL {acsUrl}, ACS URL Validator the same as a regular expression.',
        'SAML initiator: Service Provider. SAML signature element: Both. SSO → SAML Signature Algorithm: SHA-256.',
        'Parameters: memberOf = User Roles, with no transform or Semicolon Delimited input, Include in SAML assertion.',
        'More Actions → SAML Metadata.',
      ],
    },
  ],
  traps: [
    'The NameID is the e-mail address unless you choose another one: OneLogin ID lasts, an address does not.',
    'Roles arrive as one text with semicolons: groups.split cuts it.',
    'New applications sign with SHA-1 until SAML Signature Algorithm says SHA-256: unsupported-algorithm.',
  ],
};

/** OneLogin by OpenID Connect. */
export const oneloginOidc: Preset = {
  name: 'onelogin-oidc',
  title: 'OneLogin',
  protocol: 'oidc',
  settings: {
    oidc: { scopes: ['openid', 'profile', 'email', 'groups'], userinfo: true },
    authenticationContexts: { mfa: SECOND_FACTOR_METHODS },
    attributes: { ...OIDC_ATTRIBUTES, externalId: 'nameId' },
    groups: { attribute: 'groups', whenMissing: 'unknown', split: ';' },
  },
  screens: [
    {
      title: 'Applications → Add App → OpenId Connect (OIDC)',
      steps: [
        'Configuration: Redirect URI’s {redirectUri}, Post Logout Redirect URIs {logoutUri}.',
        'SSO: Application Type Web, Token Endpoint Basic; Client ID, Client Secret and Issuer URL stand there.',
        'Parameters: Groups = User Roles, Semicolon Delimited input.',
      ],
    },
  ],
  traps: ['The issuer is https://SUBDOMAIN.onelogin.com/oidc/2: with the 2, which older instructions leave out.'],
};
