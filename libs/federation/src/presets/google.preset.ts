import type { Preset } from './preset.js';

/** Google Workspace by SAML: names of attributes are free there; an empty field arrives as an attribute without a value. */
export const googleSaml: Preset = {
  name: 'google-saml',
  title: 'Google Workspace',
  protocol: 'saml',
  settings: {
    saml: { requireSigned: 'either' },
    subject: 'nameId',
    attributes: {
      userName: 'nameId',
      email: { firstOf: ['email', 'nameId'] },
      givenName: { firstOf: ['firstName', 'first_name'] },
      familyName: { firstOf: ['lastName', 'last_name'] },
      department: 'department',
      title: 'title',
      employeeNumber: { firstOf: ['employeeNumber', 'employee_id'] },
    },
    groups: { attribute: 'groups', whenMissing: 'unknown' },
  },
  screens: [
    {
      title: 'Apps → Web and mobile apps → Add app → Add custom SAML app',
      steps: [
        'Google Identity Provider details: DOWNLOAD METADATA.',
        'Service provider details: ACS URL {acsUrl}, Entity ID {entityId}, Start URL empty, Signed response ticked.',
        'Name ID format: PERSISTENT or UNSPECIFIED. Name ID: Basic Information > Primary email.',
      ],
    },
    {
      title: 'Attribute mapping',
      steps: [
        'Primary email → email, First name → firstName, Last name → lastName, Department → department, Title → title, Employee ID → employeeNumber.',
        'Group membership: at most 75 groups, app attribute groups; one that everybody is in among them.',
        'User access: ON for those who may come in.',
      ],
    },
  ],
  traps: [
    'The NameID is the primary address: before you rename somebody, link the new subject to their account.',
    'Only groups that were chosen are told, at most 75, by their names.',
    'An address is the organisation’s own: trustEmail is safe for its own domains.',
  ],
};

/** Google Workspace by OpenID Connect: one issuer for everybody; `hd` says which organisation. */
export const googleOidc: Preset = {
  name: 'google-oidc',
  title: 'Google Workspace',
  protocol: 'oidc',
  settings: {
    oidc: { issuer: 'https://accounts.google.com', scopes: ['openid', 'profile', 'email'] },
    attributes: {
      userName: 'email',
      email: 'email',
      givenName: 'given_name',
      familyName: 'family_name',
      displayName: 'name',
      externalId: 'nameId',
    },
    groups: { attribute: 'groups', whenMissing: 'unknown' },
  },
  screens: [
    {
      title: 'Google Cloud console → Google Auth Platform',
      steps: [
        'Audience: Internal, so that only people of your organisation may sign in.',
        'Clients → Create client → Web application. Authorized redirect URIs: {redirectUri}',
        'Client ID and client secret are shown when the client is made.',
      ],
    },
  ],
  traps: [
    'Everybody with a Google account has the same issuer: name your organisations with oidc.hostedDomains, or strangers reach your rules.',
    'Google sends no groups: rules can use domain and claims only, or connect by SAML.',
    'Google says nothing about the second factor: mfa cannot be asked for.',
  ],
};
