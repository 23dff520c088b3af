import { OIDC_ATTRIBUTES, SECOND_FACTOR_CONTEXTS, SECOND_FACTOR_METHODS } from './claim-names.js';
import type { Preset } from './preset.js';

/** PingOne and PingFederate by SAML: names of attributes are free there. */
export const pingSaml: Preset = {
  name: 'ping-saml',
  title: 'Ping Identity',
  protocol: 'saml',
  settings: {
    saml: { requireSigned: 'either' },
    subject: 'nameId',
    authenticationContexts: { mfa: SECOND_FACTOR_CONTEXTS },
    attributes: {
      userName: { firstOf: ['username', 'email', 'saml_subject', 'nameId'] },
      email: { firstOf: ['email', 'mail'] },
      givenName: { firstOf: ['firstName', 'givenName', 'given_name'] },
      familyName: { firstOf: ['lastName', 'sn', 'family_name'] },
      displayName: { firstOf: ['displayName', 'name'] },
      department: 'department',
      employeeNumber: { firstOf: ['employeeNumber', 'employeeId'] },
    },
    groups: { attribute: 'groups', whenMissing: 'unknown', form: 'dn' },
  },
  screens: [
    {
      title: 'Applications → Add application → SAML Application',
      steps: [
        'Import metadata from {metadataUrl}, or enter ACS URLs {acsUrl} and Entity ID {entityId}.',
        'Sign Assertion & Response, RSA_SHA256. Subject NameID Format: persistent.',
        'Attribute Mappings: saml_subject = User ID, email = Email Address, firstName = Given Name, lastName = Family Name, groups = Group Names.',
        'Access: the groups who may come in. Overview: IDP Metadata URL.',
      ],
    },
  ],
  traps: [
    'saml_subject is the NameID: set it to User ID, which lasts, and not to the user name.',
    'PingFederate sends memberOf of a directory as distinguished names: of each the first CN is taken (groups.form dn).',
  ],
};

/** PingOne and PingFederate by OpenID Connect. */
export const pingOidc: Preset = {
  name: 'ping-oidc',
  title: 'Ping Identity',
  protocol: 'oidc',
  settings: {
    oidc: { scopes: ['openid', 'profile', 'email'], userinfo: true },
    authenticationContexts: { mfa: [...SECOND_FACTOR_METHODS, 'Multi_Factor'] },
    attributes: { ...OIDC_ATTRIBUTES, externalId: 'nameId' },
    groups: { attribute: 'groups', whenMissing: 'unknown', form: 'dn' },
  },
  screens: [
    {
      title: 'Applications → Add application → OIDC Web App',
      steps: [
        'Response Type Code, Grant Type Authorization Code, PKCE Enforcement S256_REQUIRED. Redirect URIs: {redirectUri}',
        'Signoff URLs: {logoutUri}. Overview shows Issuer ID, Client ID and Client Secret.',
        'Attribute Mappings: groups = Group Names, in the ID token.',
      ],
    },
  ],
  traps: ['acr is the name of the sign-on policy that was applied: add yours to authenticationContexts.mfa.'],
};
