import { asDocument, element, text } from './canonical-xml.js';
import { NAME_ID_FORMAT } from './saml-response.js';
import { certificateBase64 } from './signature.js';

const MD = 'urn:oasis:names:tc:SAML:2.0:metadata';
const DS = 'http://www.w3.org/2000/09/xmldsig#';
const SAMLP = 'urn:oasis:names:tc:SAML:2.0:protocol';
const REDIRECT = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect';
const POST = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST';

/** The addresses and the certificate that an identity provider publishes. */
export interface IdentityProviderDescription {
  readonly entityId: string;
  readonly ssoUrl: string;
  /** Where messages of single logout go, by either binding; absent: there is no single logout. */
  readonly sloUrl?: string;
  readonly certificatePem: string;
}

/**
 * Writes an identity provider's metadata (SAML metadata §2.4.3): one signing certificate, sign-on by HTTP-Redirect,
 * single logout by both bindings where there is an address, persistent and transient NameIDs. Unsigned.
 */
export function buildIdentityProviderMetadata({
  entityId,
  ssoUrl,
  sloUrl,
  certificatePem,
}: IdentityProviderDescription): string {
  const certificate = element('ds:X509Certificate', {}, text(certificateBase64(certificatePem)));
  const keyInfo = element('ds:KeyInfo', { 'xmlns:ds': DS }, element('ds:X509Data', {}, certificate));
  const descriptor = element(
    'md:IDPSSODescriptor',
    { WantAuthnRequestsSigned: 'false', protocolSupportEnumeration: SAMLP },
    element('md:KeyDescriptor', { use: 'signing' }, keyInfo),
    ...[REDIRECT, POST].map((binding) =>
      sloUrl ? element('md:SingleLogoutService', { Binding: binding, Location: sloUrl }) : '',
    ),
    element('md:NameIDFormat', {}, NAME_ID_FORMAT.persistent),
    element('md:NameIDFormat', {}, NAME_ID_FORMAT.transient),
    element('md:SingleSignOnService', { Binding: REDIRECT, Location: ssoUrl }),
  );
  return asDocument(element('md:EntityDescriptor', { 'xmlns:md': MD, entityID: entityId }, descriptor));
}
