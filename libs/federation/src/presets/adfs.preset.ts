import { MICROSOFT_CLAIMS, SECOND_FACTOR_CONTEXTS } from './claim-names.js';
import type { Preset } from './preset.js';

/** Active Directory Federation Services by SAML. */
export const adfsSaml: Preset = {
  name: 'adfs-saml',
  title: 'AD FS',
  protocol: 'saml',
  settings: {
    saml: { requireSigned: 'either', requestBinding: 'redirect' },
    subject: 'nameId',
    authenticationContexts: { mfa: SECOND_FACTOR_CONTEXTS },
    attributes: {
      userName: { firstOf: [MICROSOFT_CLAIMS.upn, MICROSOFT_CLAIMS.email, 'nameId'] },
      email: MICROSOFT_CLAIMS.email,
      givenName: MICROSOFT_CLAIMS.givenName,
      familyName: MICROSOFT_CLAIMS.familyName,
      displayName: { firstOf: [MICROSOFT_CLAIMS.commonName, MICROSOFT_CLAIMS.name] },
      department: { firstOf: [MICROSOFT_CLAIMS.department, 'department'] },
      employeeNumber: { firstOf: ['employeeNumber', 'employeeID'] },
    },
    groups: { attribute: MICROSOFT_CLAIMS.adfsGroup, whenMissing: 'unknown' },
  },
  screens: [
    {
      title: 'AD FS Management → Relying Party Trusts → Add Relying Party Trust',
      steps: [
        'Claims aware; Import data about the relying party published online: {metadataUrl}',
        'Otherwise by hand: SAML 2.0 WebSSO service URL {acsUrl}, identifier {entityId}.',
        'Properties → Advanced: Secure hash algorithm SHA-256.',
      ],
    },
    {
      title: 'Edit Claim Issuance Policy',
      steps: [
        'Send LDAP Attributes as Claims: E-Mail-Addresses → E-Mail Address, User-Principal-Name → UPN, Given-Name → Given Name, Surname → Surname, Token-Groups – Unqualified Names → Group.',
        'A second rule that issues a Name ID of format Persistent from objectGUID (or an attribute that lasts).',
        'The metadata of AD FS is at https://HOST/FederationMetadata/2007-06/FederationMetadata.xml.',
      ],
    },
  ],
  traps: [
    'Without a rule for the Name ID, AD FS sends a response without a subject, which is refused.',
    'AD FS renews its certificates by itself once a year: use the metadata address.',
    'Token-Groups with domain names arrive as DOMAIN\\group: choose Unqualified Names.',
  ],
};
