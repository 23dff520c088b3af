import { constants, verify } from 'node:crypto';
import { getVerifiedXml, parseDomFromString } from '@node-saml/node-saml/lib/xml.js';
import { SignedXml } from 'xml-crypto';
import { type PinnedCertificate, publicKeyOf } from './saml-keys.js';
import { Refusal } from './saml-refused.error.js';
import { SIGNATURE } from './saml-xml.js';

/** The octets that a valid signature covers, and who made it. The only source of anything about a person. */
export interface SignedOctets {
  /** The element that carries the signature, in canonical form and without that signature. */
  readonly xml: string;
  readonly certificateSha256: string;
}

/** How to check the value of a signature, by its algorithm. PSS with a salt as long as the hash (RFC 9231, 2.3.10). */
const ALGORITHMS: ReadonlyMap<string, { readonly hash: string; readonly padding: number }> = new Map([
  ['http://www.w3.org/2001/04/xmldsig-more#rsa-sha256', { hash: 'sha256', padding: constants.RSA_PKCS1_PADDING }],
  ['http://www.w3.org/2001/04/xmldsig-more#rsa-sha512', { hash: 'sha512', padding: constants.RSA_PKCS1_PADDING }],
  [
    'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1',
    { hash: 'sha256', padding: constants.RSA_PKCS1_PSS_PADDING },
  ],
]);

/** Reads a document for {@link verifiedElement}. @throws {Refusal} `invalid-signature` where node-saml's parser sees no document */
export async function parseSigned(xml: string): Promise<Element> {
  const document = await parseDomFromString(xml).catch(() => undefined);
  if (!document?.documentElement) throw invalidSignature();
  return document.documentElement;
}

/**
 * Verifies the signature that an element carries over itself, by node-saml's rules: one signature, one reference to its own parent,
 * whose id is unique, two transforms at most; then digest and signature value.
 * @param xml the whole document, as it was received
 * @param element of {@link parseSigned} of that text
 * @throws {Refusal} `invalid-signature`
 */
export function verifiedElement(
  xml: string,
  element: Element,
  certificates: readonly PinnedCertificate[],
): SignedOctets {
  const certificate = likelySigner(element, certificates);
  const verified = certificate && verifiedWith(certificate, xml, element);
  if (!verified) throw invalidSignature();
  return { xml: verified, certificateSha256: certificate.sha256 };
}

/** Direct children that are elements of that name. */
export function childElements(element: Element, local: string, namespace: string): Element[] {
  return Array.from(element.childNodes as Iterable<Node> & ArrayLike<Node>).filter((node): node is Element => {
    const { localName, namespaceURI } = node as Element;
    return localName === local && namespaceURI === namespace;
  });
}

function verifiedWith({ pem }: PinnedCertificate, xml: string, element: Element): string | null {
  try {
    return getVerifiedXml(xml, element, [pem]);
  } catch {
    return null; // it says why in words that may repeat the content; to us it is one answer
  }
}

/**
 * The certificate whose key made the signature value: found at the price of an RSA check each, so that many certificates do not
 * multiply the price of a large document. It proves nothing about the content: that one certificate is then held against all of it.
 */
function likelySigner(element: Element, certificates: readonly PinnedCertificate[]): PinnedCertificate | undefined {
  const [first] = certificates;
  if (certificates.length <= 1) return first;
  const signed = signatureValueOf(element);
  return certificates.find((certificate) => signed && madeBy(certificate, signed)) ?? first;
}

interface SignatureValue {
  readonly hash: string;
  readonly padding: number;
  readonly octets: Buffer;
  readonly value: Buffer;
}

function signatureValueOf(element: Element): SignatureValue | undefined {
  const [signature] = childElements(element, 'Signature', SIGNATURE);
  const [signedInfo] = signature ? childElements(signature, 'SignedInfo', SIGNATURE) : [];
  const [value] = signature ? childElements(signature, 'SignatureValue', SIGNATURE) : [];
  const named = (local: string) =>
    signedInfo && childElements(signedInfo, local, SIGNATURE)[0]?.getAttribute('Algorithm');
  const algorithm = ALGORITHMS.get(named('SignatureMethod') ?? '');
  const form = named('CanonicalizationMethod');
  if (!signedInfo || !value || !algorithm || !form) return undefined;
  try {
    const canonical = new SignedXml().getCanonXml([form], signedInfo);
    return { ...algorithm, octets: Buffer.from(canonical), value: Buffer.from(value.textContent ?? '', 'base64') };
  } catch {
    return undefined;
  }
}

function madeBy(certificate: PinnedCertificate, { hash, padding, octets, value }: SignatureValue): boolean {
  return verify(
    hash,
    octets,
    { key: publicKeyOf(certificate), padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
    value,
  );
}

/** One answer for everything that can be wrong with a signature. */
export function invalidSignature(): Refusal {
  return new Refusal(
    'invalid-signature',
    'The signature was not made with a certificate of this connection, or the content was changed. Compare the certificate.',
  );
}
