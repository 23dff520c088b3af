import { SignedXml } from 'xml-crypto';
import type { IdentityProviderKey } from '#libs/saml-idp';

const METADATA = 'urn:oasis:names:tc:SAML:2.0:metadata';
const DS = 'http://www.w3.org/2000/09/xmldsig#';
const SAML = 'urn:oasis:names:tc:SAML:2.0:protocol';
const BINDINGS = 'urn:oasis:names:tc:SAML:2.0:bindings';

/** What the metadata of a test says; every test writes only what differs. */
export interface EntityWriting {
  readonly entityId?: string;
  /** Attributes of the EntityDescriptor, written out. */
  readonly attributes?: string;
  readonly roleAttributes?: string;
  /** KeyDescriptors: a use (or none) and the certificate's base64. */
  readonly keys?: readonly (readonly [use: string | null, base64: string])[];
  readonly endpoints?: string;
  /** Anything before the role. */
  readonly before?: string;
}

/** The base64 of a PEM certificate. */
export const base64Of = (pem: string) => pem.replace(/-----[A-Z ]+-----|\s/g, '');

/** One endpoint. */
export const endpoint = (service: string, binding: string, location: string, more = '') =>
  `<md:${service} Binding="${BINDINGS}:${binding}" Location="${location}"${more}/>`;

/** An EntityDescriptor of an identity provider, which must stand where `md` and `ds` are declared. */
export function entity({
  entityId = 'https://idp.example/metadata',
  attributes = '',
  roleAttributes = '',
  keys = [],
  endpoints = endpoint('SingleSignOnService', 'HTTP-Redirect', 'https://idp.example/sso'),
  before = '',
}: EntityWriting): string {
  const descriptors = keys.map(
    ([use, base64]) =>
      `<md:KeyDescriptor${use ? ` use="${use}"` : ''}><ds:KeyInfo><ds:X509Data><ds:X509Certificate>\n${base64}\n</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`,
  );
  return `<md:EntityDescriptor entityID="${entityId}"${attributes}>${before}<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:1.1:protocol ${SAML}"${roleAttributes}>${descriptors.join('')}<md:NameIDFormat> urn:oasis:names:tc:SAML:2.0:nameid-format:persistent </md:NameIDFormat>${endpoints}</md:IDPSSODescriptor></md:EntityDescriptor>`;
}

/** A document about one entity. */
export const alone = (xml: string) =>
  xml.replace('<md:EntityDescriptor ', `<md:EntityDescriptor xmlns:md="${METADATA}" xmlns:ds="${DS}" ID="_1" `);

/** A federation's document about many. */
export const aggregate = (entities: readonly string[], attributes = '') =>
  `<md:EntitiesDescriptor xmlns:md="${METADATA}" xmlns:ds="${DS}" ID="_1"${attributes}>${entities.join('\n')}</md:EntitiesDescriptor>`;

/** How a document is signed, where it differs from the usual. */
export interface SigningWriting {
  readonly signatureAlgorithm?: string;
  readonly digestAlgorithm?: string;
  readonly canonicalization?: string;
  readonly transforms?: readonly string[];
  readonly prefixes?: readonly string[];
  /** XPath of what is signed. Default the root. */
  readonly signs?: string;
}

/** Signs a document as federations do: by another implementation than the one under test. */
export function signed(xml: string, key: IdentityProviderKey, writing: SigningWriting = {}): string {
  const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#';
  const signature = new SignedXml({
    privateKey: key.privateKeyPem,
    publicCert: key.certificatePem,
    signatureAlgorithm: writing.signatureAlgorithm ?? 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    canonicalizationAlgorithm: (writing.canonicalization ?? exclusive) as never,
  });
  signature.addReference({
    xpath: writing.signs ?? '/*',
    transforms: [...(writing.transforms ?? [`${DS}enveloped-signature`, exclusive])] as never,
    digestAlgorithm: writing.digestAlgorithm ?? 'http://www.w3.org/2001/04/xmlenc#sha256',
    inclusiveNamespacesPrefixList: [...(writing.prefixes ?? [])],
  });
  signature.computeSignature(xml, { prefix: 'ds', location: { reference: '/*', action: 'prepend' } });
  return signature.getSignedXml();
}
