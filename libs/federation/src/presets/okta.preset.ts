import { OIDC_ATTRIBUTES, SECOND_FACTOR_CONTEXTS, SECOND_FACTOR_METHODS } from './claim-names.js';
import type { Preset } from './preset.js';

/** Okta by SAML: names of attributes are free there; these are the ones that the screens below ask for, and usual others. */
export const oktaSaml: Preset = {
  name: 'okta-saml',
  title: 'Okta',
  protocol: 'saml',
  settings: {
    saml: { requireSigned: 'both' },
    subject: { attribute: 'userId', caseInsensitive: false },
    authenticationContexts: { mfa: SECOND_FACTOR_CONTEXTS },
    attributes: {
      userName: 'nameId',
      email: { firstOf: ['email', 'Email'] },
      givenName: { firstOf: ['firstName', 'givenName', 'first_name'] },
      familyName: { firstOf: ['lastName', 'familyName', 'last_name'] },
      displayName: 'displayName',
      title: 'title',
      department: 'department',
      costCenter: 'costCenter',
      employeeNumber: 'employeeNumber',
      employeeType: 'userType',
      externalId: 'userId',
      manager: { firstOf: ['managerEmail', 'manager'] },
    },
    groups: { attribute: 'groups', whenMissing: 'unknown' },
  },
  screens: [
    {
      title: 'Applications → Create App Integration → SAML 2.0',
      steps: [
        'Single sign-on URL: {acsUrl}, used for Recipient URL and Destination URL, too.',
        'Audience URI (SP Entity ID): {entityId}',
        'Name ID format: Unspecified or Persistent. Application username: Okta username.',
        'Advanced: Response Signed, Assertion Signature Signed, RSA-SHA256, SHA256.',
      ],
    },
    {
      title: 'Attribute statements',
      steps: [
        'userId = user.id (in the legacy form: user.getInternalProperty("id")): it identifies a person for ever.',
        'email = user.email, firstName = user.firstName, lastName = user.lastName, displayName = user.displayName.',
        'Group attribute statement: groups, a filter that also matches a group that everybody is in, such as Everyone.',
      ],
    },
    {
      title: 'Sign On → View SAML setup instructions',
      steps: ['Take over the metadata address, or issuer, sign-on URL and certificate.'],
    },
  ],
  traps: [
    'Without the attribute userId nobody comes in (missing-subject): the user name changes when a person is renamed, the id never does.',
    'Okta sends no groups attribute for a person whom the filter leaves without groups: that is unknown, and takes nothing back.',
    'A tile on the dashboard starts at Okta; allow it with allowIdpInitiated, or hide it and add a bookmark app.',
  ],
};

/** Okta by OpenID Connect. */
export const oktaOidc: Preset = {
  name: 'okta-oidc',
  title: 'Okta',
  protocol: 'oidc',
  settings: {
    oidc: { scopes: ['openid', 'profile', 'email', 'groups'], userinfo: true },
    authenticationContexts: { mfa: [...SECOND_FACTOR_METHODS, 'urn:okta:loa:2fa:any', 'phr', 'phrh'] },
    attributes: {
      ...OIDC_ATTRIBUTES,
      department: 'department',
      employeeNumber: 'employeeNumber',
      externalId: 'nameId',
    },
    groups: { attribute: 'groups', whenMissing: 'unknown' },
  },
  screens: [
    {
      title: 'Applications → Create App Integration → OIDC, Web Application',
      steps: [
        'Grant type: Authorization Code. Sign-in redirect URIs: {redirectUri}',
        'Sign-out redirect URIs: {logoutUri}',
        'Client ID and client secret stand on the tab General.',
      ],
    },
    {
      title: 'Sign On → OpenID Connect ID Token',
      steps: ['Groups claim type: Filter, groups, a filter that also matches a group that everybody is in.'],
    },
  ],
  traps: [
    'The issuer is the address of the organisation (https://acme.okta.com), or of a custom authorization server (…/oauth2/default): exactly one of them.',
    'The scope groups exists at the organisation’s own server; a custom server needs a claim groups of its own, and takes scope groups away with oidc.scopes.',
    'Above 100 groups Okta refuses the token rather than cut it short: narrow the filter.',
  ],
};
