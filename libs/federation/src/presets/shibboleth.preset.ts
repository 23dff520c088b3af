import { LDAP_CLAIMS, SECOND_FACTOR_CONTEXTS } from './claim-names.js';
import type { Preset } from './preset.js';

/** Shibboleth and the federations of eduGAIN: attributes by object ids. */
export const shibbolethSaml: Preset = {
  name: 'shibboleth-saml',
  title: 'Shibboleth',
  protocol: 'saml',
  settings: {
    saml: { requireSigned: 'either', encryption: 'accept' },
    subject: 'nameId',
    authenticationContexts: { mfa: SECOND_FACTOR_CONTEXTS },
    attributes: {
      userName: { firstOf: [LDAP_CLAIMS.principalName, 'eduPersonPrincipalName', LDAP_CLAIMS.mail, 'mail'] },
      email: { firstOf: [LDAP_CLAIMS.mail, 'mail'] },
      givenName: { firstOf: [LDAP_CLAIMS.givenName, 'givenName'] },
      familyName: { firstOf: [LDAP_CLAIMS.familyName, 'sn'] },
      displayName: { firstOf: [LDAP_CLAIMS.displayName, 'displayName'] },
      department: { firstOf: [LDAP_CLAIMS.department, 'departmentNumber'] },
      employeeNumber: { firstOf: [LDAP_CLAIMS.employeeNumber, 'employeeNumber'] },
      employeeType: { firstOf: [LDAP_CLAIMS.employeeType, 'employeeType'] },
      title: { firstOf: [LDAP_CLAIMS.title, 'title'] },
    },
    groups: { attribute: LDAP_CLAIMS.isMemberOf, whenMissing: 'unknown', form: 'dn' },
  },
  screens: [
    {
      title: 'conf/metadata-providers.xml',
      steps: ['A FileBackedHTTPMetadataProvider for {metadataUrl}; the entity id is {entityId}.'],
    },
    {
      title: 'conf/attribute-filter.xml and conf/saml-nameid.xml',
      steps: [
        'Release eduPersonPrincipalName, mail, givenName, sn, displayName and isMemberOf to {entityId}.',
        'Generate a persistent NameID for it: nameIDFormatPrecedence in conf/relying-party.xml.',
      ],
    },
  ],
  traps: [
    'The default NameID is transient and refused as a subject: release a persistent one, or identify by subject-id (urn:oasis:names:tc:SAML:attribute:subject-id).',
    'Assertions are encrypted unless told otherwise: this preset accepts that, with AES-GCM; releases before 4 use AES-CBC, which needs allowCbc.',
    'A whole federation’s metadata names many providers: say which one with idpEntityId, and pin the federation’s certificate.',
  ],
};
