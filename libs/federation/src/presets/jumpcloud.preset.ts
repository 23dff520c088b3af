import { SECOND_FACTOR_CONTEXTS } from './claim-names.js';
import type { Preset } from './preset.js';

/** JumpCloud by SAML. */
export const jumpcloudSaml: Preset = {
  name: 'jumpcloud-saml',
  title: 'JumpCloud',
  protocol: 'saml',
  settings: {
    saml: { requireSigned: 'either' },
    subject: 'nameId',
    authenticationContexts: { mfa: SECOND_FACTOR_CONTEXTS },
    attributes: {
      userName: { firstOf: ['username', 'email', 'nameId'] },
      email: 'email',
      givenName: { firstOf: ['firstname', 'firstName'] },
      familyName: { firstOf: ['lastname', 'lastName'] },
      displayName: { firstOf: ['displayname', 'fullname'] },
      department: 'department',
      employeeNumber: { firstOf: ['employeeIdentifier', 'employeeNumber'] },
      title: { firstOf: ['jobTitle', 'title'] },
    },
    groups: { attribute: 'memberOf', whenMissing: 'unknown' },
  },
  screens: [
    {
      title: 'SSO Applications → Add New Application → Custom Application → SAML',
      steps: [
        'IdP Entity ID: a name of your choice. SP Entity ID: {entityId}. ACS URLs: {acsUrl}',
        'SAMLSubject NameID: a field that lasts. NameID Format: persistent. Signature Algorithm: RSA-SHA256. Sign: Assertion and Response.',
        'Attributes: email, firstname, lastname, username, department, employeeIdentifier.',
        'Include Group Attribute: memberOf. User Groups: those who may come in.',
        'Export Metadata.',
      ],
    },
  ],
  traps: [
    'Groups are sent only when Include Group Attribute is ticked, and only those that are bound to the application.',
    'The IdP Entity ID is what you type there: it is compared letter by letter.',
  ],
};
