import { X509Certificate } from 'node:crypto';
import { childrenOf, SIGNATURE, trimmedText } from '../saml/saml-xml.js';
import type { XmlElement } from '../saml/xml-element.js';
import { METADATA } from './find-entity.js';
import type { IdentityProviderMetadata, LogoutEndpoint, PerBinding } from './identity-provider-metadata.js';
import { demandMetadata, MetadataError } from './metadata.errors.js';
import { METADATA_CERTIFICATES_MAX, METADATA_URL_LENGTH_MAX } from './metadata-limits.js';

const BINDINGS = {
  redirect: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect',
  post: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST',
};
const NAME_ID_FORMATS_MAX = 32;

/**
 * Reads what an identity provider's role says.
 * @throws {MetadataError} `metadata-malformed` when something that is needed is missing or unusable
 */
export function describeIdentityProvider(
  entity: XmlElement,
  role: XmlElement,
): Omit<IdentityProviderMetadata, 'validUntil' | 'cacheDurationMs'> {
  const ssoUrls = perBinding(role, 'SingleSignOnService', (endpoint) => urlOf(endpoint, 'Location'));
  demandMetadata(
    ssoUrls.redirect !== null || ssoUrls.post !== null,
    'metadata-malformed',
    'The metadata offers sign-on neither by HTTP-Redirect nor by HTTP-POST.',
  );
  const signingCertificates = certificatesFor(role, 'signing');
  demandMetadata(
    signingCertificates.length > 0,
    'metadata-malformed',
    'The metadata holds no certificate for signatures.',
  );
  return {
    entityId: entityIdOf(entity),
    ssoUrls,
    sloUrls: perBinding(role, 'SingleLogoutService', logoutEndpoint),
    signingCertificates,
    encryptionCertificates: certificatesFor(role, 'encryption'),
    wantAuthnRequestsSigned: ['true', '1'].includes(role.attributes.get('WantAuthnRequestsSigned')?.trim() ?? ''),
    nameIdFormats: nameIdFormatsOf(role),
  };
}

/** An identifier, compared as it is; only what cannot be shown or stored is refused. */
function entityIdOf({ attributes }: XmlElement): string {
  const entityId = attributes.get('entityID') ?? '';
  const usable = entityId.length > 0 && entityId.length <= METADATA_URL_LENGTH_MAX && isPrintable(entityId);
  demandMetadata(usable, 'metadata-malformed', 'The entity id of the metadata is missing, too long, or not text.');
  return entityId;
}

const isPrintable = (text: string) => text.isWellFormed() && !/\p{Cc}/u.test(text);

function nameIdFormatsOf(role: XmlElement): readonly string[] {
  const formats = childrenOf(role, METADATA, 'NameIDFormat').map(trimmedText);
  const usable = formats.filter(
    (format) => format !== '' && format.length <= METADATA_URL_LENGTH_MAX && isPrintable(format),
  );
  return [...new Set(usable)].slice(0, NAME_ID_FORMATS_MAX);
}

function perBinding<T>(role: XmlElement, local: string, read: (endpoint: XmlElement) => T): PerBinding<T> {
  const endpoints = childrenOf(role, METADATA, local);
  const first = (binding: string) => {
    const endpoint = endpoints.find(({ attributes }) => attributes.get('Binding')?.trim() === binding);
    return endpoint ? read(endpoint) : null;
  };
  return { redirect: first(BINDINGS.redirect), post: first(BINDINGS.post) };
}

const logoutEndpoint = (endpoint: XmlElement): LogoutEndpoint => ({
  url: urlOf(endpoint, 'Location'),
  responseUrl: endpoint.attributes.has('ResponseLocation') ? urlOf(endpoint, 'ResponseLocation') : null,
});

/** People are sent there by their browser, so nothing but a web address may stand there. */
function urlOf(endpoint: XmlElement, attribute: string): string {
  const text = endpoint.attributes.get(attribute)?.trim() ?? '';
  const isWebUrl = text.length <= METADATA_URL_LENGTH_MAX && /^https?:\/\//i.test(text) && URL.canParse(text);
  demandMetadata(
    isWebUrl && isPrintable(text),
    'metadata-malformed',
    `${endpoint.local}/@${attribute} of the metadata is not an http or https URL.`,
  );
  return text;
}

/** A key without a stated use serves both. @see SAML Metadata 2.4.1.1 */
function certificatesFor(role: XmlElement, use: 'signing' | 'encryption'): readonly string[] {
  const pems = childrenOf(role, METADATA, 'KeyDescriptor')
    .filter(({ attributes }) => (attributes.get('use') ?? use) === use)
    .flatMap((key) => childrenOf(key, SIGNATURE, 'KeyInfo'))
    .flatMap((info) => childrenOf(info, SIGNATURE, 'X509Data'))
    .flatMap((data) => childrenOf(data, SIGNATURE, 'X509Certificate'))
    .map(({ text }) => pemOf(text));
  const distinct = [...new Set(pems)];
  demandMetadata(
    distinct.length <= METADATA_CERTIFICATES_MAX,
    'metadata-too-large',
    `The metadata holds more than ${METADATA_CERTIFICATES_MAX} certificates for ${use}.`,
  );
  return distinct;
}

function pemOf(base64: string): string {
  const body = base64.replace(/\s/g, '');
  try {
    if (!/^[A-Za-z0-9+/]+={0,2}$/.test(body)) throw new TypeError('not base64');
    return new X509Certificate(Buffer.from(body, 'base64')).toString();
  } catch {
    throw new MetadataError('metadata-malformed', 'A certificate of the metadata cannot be read.');
  }
}
