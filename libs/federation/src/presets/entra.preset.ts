import { MICROSOFT_CLAIMS, SECOND_FACTOR_CONTEXTS, SECOND_FACTOR_METHODS } from './claim-names.js';
import type { Preset } from './preset.js';

/** Microsoft Entra ID by SAML: claims have addresses for names, groups are object ids. */
export const entraSaml: Preset = {
  name: 'entra-saml',
  title: 'Microsoft Entra ID',
  protocol: 'saml',
  settings: {
    saml: { requireSigned: 'either' },
    subject: { attribute: MICROSOFT_CLAIMS.objectId, caseInsensitive: false },
    authenticationContexts: { mfa: SECOND_FACTOR_CONTEXTS },
    attributes: {
      userName: { firstOf: [MICROSOFT_CLAIMS.name, MICROSOFT_CLAIMS.upn, 'nameId'] },
      email: MICROSOFT_CLAIMS.email,
      givenName: MICROSOFT_CLAIMS.givenName,
      familyName: MICROSOFT_CLAIMS.familyName,
      displayName: MICROSOFT_CLAIMS.displayName,
      department: { firstOf: ['department', MICROSOFT_CLAIMS.department] },
      employeeNumber: { firstOf: ['employeeid', 'employeeId'] },
      title: { firstOf: ['jobtitle', 'jobTitle'] },
      externalId: MICROSOFT_CLAIMS.objectId,
    },
    groups: { attribute: MICROSOFT_CLAIMS.groups, whenMissing: 'unknown' },
  },
  screens: [
    {
      title: 'Enterprise applications → New application → Create your own application',
      steps: [
        'Single sign-on → SAML → Basic SAML Configuration: Identifier (Entity ID) {entityId}, Reply URL {acsUrl}.',
        'Attributes & Claims: keep the defaults; Add a group claim: Groups assigned to the application, source attribute Group ID.',
        'SAML Certificates: Signing option Sign SAML response and assertion, SHA-256. Take over the App Federation Metadata Url.',
        'Users and groups: assign the groups, also one that everybody is in.',
      ],
    },
  ],
  traps: [
    'Groups arrive as object ids: give them names with groups.names.',
    'Above 150 groups Entra sends a link instead of groups: they are unknown then, and no role is taken away.',
    'The address of a person can be edited by whoever administers the directory: it identifies nobody, and counts as verified only with trustEmail.',
    'Members of groups inside of an assigned group are not assigned.',
  ],
};

/** Microsoft Entra ID by OpenID Connect: a person is `oid` within `tid`. */
export const entraOidc: Preset = {
  name: 'entra-oidc',
  title: 'Microsoft Entra ID',
  protocol: 'oidc',
  settings: {
    oidc: { scopes: ['openid', 'profile', 'email'], identifyBy: 'oid' },
    authenticationContexts: {
      mfa: ['mfa', ...SECOND_FACTOR_METHODS.filter((method) => method === 'hwk' || method === 'sc')],
    },
    attributes: {
      userName: { firstOf: ['preferred_username', 'upn', 'email'] },
      email: 'email',
      givenName: 'given_name',
      familyName: 'family_name',
      displayName: 'name',
      department: 'department',
      employeeNumber: 'employeeid',
      externalId: 'oid',
    },
    groups: { attribute: 'groups', whenMissing: 'unknown' },
  },
  screens: [
    {
      title: 'App registrations → New registration',
      steps: [
        'Redirect URI: platform Web, {redirectUri}',
        'Overview shows Application (client) ID and Directory (tenant) ID; the issuer is https://login.microsoftonline.com/TENANT-ID/v2.0.',
        'Certificates & secrets → New client secret: its value is shown once.',
        'Authentication → Front-channel logout URL: empty.',
      ],
    },
    {
      title: 'Token configuration',
      steps: [
        'Add groups claim: Groups assigned to the application, ID: Group ID.',
        'Add optional claim, ID: email, family_name, given_name, upn.',
        'Manifest: requestedAccessTokenVersion is 2.',
      ],
    },
  ],
  traps: [
    'The claim email is optional, may be edited by administrators and is not verified by Entra: it never identifies anybody.',
    'Above 200 groups the token names a source instead of groups: they are read from Microsoft Graph where oidc.graph is set, otherwise they are unknown.',
    'With the issuer …/common or …/organizations everybody in the world with a Microsoft account may come: write {tenantid} and name the tenants.',
  ],
};
