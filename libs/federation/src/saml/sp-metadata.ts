import { createHash } from 'node:crypto';
import { pinnedCertificate } from './saml-keys.js';
import type { SamlSettings } from './saml-settings.js';
import { element, text } from './xml-writer.js';

/** What the metadata are made of, and the certificates of our keys. */
export type SpMetadataInput = Pick<
  SamlSettings,
  'spEntityId' | 'acsUrl' | 'spSloUrl' | 'requireSigned' | 'signRequests' | 'signingKey'
> & {
  /** PEM certificates of the decryption keys, the one to encrypt for first. */
  readonly encryptionCertificates?: readonly string[];
};

const METADATA = 'urn:oasis:names:tc:SAML:2.0:metadata';
const XMLDSIG = 'http://www.w3.org/2000/09/xmldsig#';
const PROTOCOL = 'urn:oasis:names:tc:SAML:2.0:protocol';
const REDIRECT = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect';
const POST = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST';
/** What may be encrypted with; no CBC, whatever the connection forgives. */
const ENCRYPTION_METHODS = [
  'http://www.w3.org/2009/xmlenc11#aes256-gcm',
  'http://www.w3.org/2009/xmlenc11#aes128-gcm',
  'http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p',
];

/**
 * Describes this service provider to an identity provider's administrator: entity id, address for answers (HTTP-POST), wish for signed
 * assertions, and where there are keys, our certificates and the addresses for single logout, whose messages are always signed.
 * The same settings give the same text, so that a metadata refresh sees changes only when there are any.
 * @throws {TypeError} when a certificate is none
 * @see SAML Metadata 2.4.4
 */
export function createSpMetadata(input: SpMetadataInput): string {
  const { spEntityId, acsUrl, spSloUrl, requireSigned, signRequests, signingKey } = input;
  const logout = signingKey
    ? [REDIRECT, POST].map((binding) => endpoint('SingleLogoutService', binding, spSloUrl))
    : [];
  const descriptor = element(
    'md:SPSSODescriptor',
    {
      AuthnRequestsSigned: String(signRequests),
      WantAssertionsSigned: requireSigned === 'response' ? undefined : 'true',
      protocolSupportEnumeration: PROTOCOL,
    },
    signingKey ? keyDescriptor('signing', signingKey.certificatePem) : '',
    ...(input.encryptionCertificates ?? []).map((certificate) => keyDescriptor('encryption', certificate)),
    ...logout,
    endpoint('AssertionConsumerService', POST, acsUrl, { index: '1', isDefault: 'true' }),
  );
  const id = createHash('sha256').update(spEntityId).digest('hex').slice(0, 32);
  const namespaces = { 'xmlns:md': METADATA, 'xmlns:ds': XMLDSIG };
  const entity = element('md:EntityDescriptor', { ...namespaces, ID: `_${id}`, entityID: spEntityId }, descriptor);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${entity}\n`;
}

const endpoint = (name: string, binding: string, location: string, more = {}) =>
  element(`md:${name}`, { ...more, Binding: binding, Location: location });

function keyDescriptor(use: 'signing' | 'encryption', certificatePem: string): string {
  const base64 = pinnedCertificate(certificatePem).pem.replace(/-----[^-]+-----|\s/g, '');
  const certificate = element('ds:X509Data', {}, element('ds:X509Certificate', {}, text(base64)));
  const methods = use === 'encryption' ? ENCRYPTION_METHODS : [];
  return element(
    'md:KeyDescriptor',
    { use },
    element('ds:KeyInfo', {}, certificate),
    ...methods.map((algorithm) => element('md:EncryptionMethod', { Algorithm: algorithm })),
  );
}
