/** Names of claims that several providers share: those of WS-Federation, of Microsoft, and the object ids of LDAP attributes. */
const WS = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims';
const MICROSOFT = 'http://schemas.microsoft.com';

/** Claims that Microsoft's products send by SAML. */
export const MICROSOFT_CLAIMS = {
  name: `${WS}/name`,
  upn: `${WS}/upn`,
  email: `${WS}/emailaddress`,
  givenName: `${WS}/givenname`,
  familyName: `${WS}/surname`,
  department: `${WS}/department`,
  displayName: `${MICROSOFT}/identity/claims/displayname`,
  objectId: `${MICROSOFT}/identity/claims/objectidentifier`,
  groups: `${MICROSOFT}/ws/2008/06/identity/claims/groups`,
  role: `${MICROSOFT}/ws/2008/06/identity/claims/role`,
  adfsGroup: 'http://schemas.xmlsoap.org/claims/Group',
  commonName: 'http://schemas.xmlsoap.org/claims/CommonName',
} as const;

/** What AuthnContextClassRef says of a second factor: Microsoft's name, and the profile of REFEDS. */
export const SECOND_FACTOR_CONTEXTS = [
  `${MICROSOFT}/claims/multipleauthn`,
  'https://refeds.org/profile/mfa',
  'urn:oasis:names:tc:SAML:2.0:ac:classes:MobileTwoFactorContract',
  'urn:oasis:names:tc:SAML:2.0:ac:classes:TimeSyncToken',
];

/** LDAP attributes under their object ids, as eduPerson federations name them (urn:oid). */
export const LDAP_CLAIMS = {
  mail: 'urn:oid:0.9.2342.19200300.100.1.3',
  givenName: 'urn:oid:2.5.4.42',
  familyName: 'urn:oid:2.5.4.4',
  displayName: 'urn:oid:2.16.840.1.113730.3.1.241',
  department: 'urn:oid:2.16.840.1.113730.3.1.2',
  employeeNumber: 'urn:oid:2.16.840.1.113730.3.1.3',
  employeeType: 'urn:oid:2.16.840.1.113730.3.1.4',
  title: 'urn:oid:2.5.4.12',
  isMemberOf: 'urn:oid:1.3.6.1.4.1.5923.1.5.1.1',
  principalName: 'urn:oid:1.3.6.1.4.1.5923.1.1.1.6',
  emailOfPkcs9: 'urn:oid:1.2.840.113549.1.9.1',
} as const;

/** Methods of RFC 8176 that are more than a password. */
export const SECOND_FACTOR_METHODS = ['mfa', 'mca', 'hwk', 'swk', 'otp', 'fpt', 'face', 'sc'];

/** Claims of OpenID Connect Core §5.1, as every provider that keeps to it names them. */
export const OIDC_ATTRIBUTES = {
  userName: { firstOf: ['preferred_username', 'email'] },
  email: 'email',
  givenName: 'given_name',
  familyName: 'family_name',
  displayName: 'name',
};
