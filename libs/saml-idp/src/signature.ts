import { createHash, createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { element, text } from './canonical-xml.js';
import type { IdentityProviderKey } from './identity-provider-key.js';

/** Digest and RSA signature of an XML signature. `sha1` exists to test that relying parties refuse it. */
export type SignatureAlgorithm = 'sha256' | 'sha1';

const DS = 'http://www.w3.org/2000/09/xmldsig#';
const EXCLUSIVE_C14N = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const ENVELOPED = `${DS}enveloped-signature`;
/** Names of the algorithms in XML signatures and in signed addresses. */
export const SIGNATURE_IDENTIFIERS = {
  sha256: {
    digest: 'http://www.w3.org/2001/04/xmlenc#sha256',
    signature: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  },
  sha1: { digest: `${DS}sha1`, signature: `${DS}rsa-sha1` },
} as const;

/**
 * Writes an enveloped `ds:Signature` (XML Signature §4) for an element that is to carry it.
 * `canonical` is the element in exclusive canonical form without its signature, `id` its `ID`. The signature itself is in
 * canonical form too, so that an enclosing element can be signed over it.
 */
export function envelopedSignature(
  canonical: string,
  id: string,
  key: IdentityProviderKey,
  algorithm: SignatureAlgorithm,
): string {
  const digest = createHash(algorithm).update(canonical).digest('base64');
  const content = signedInfo(id, digest, algorithm);
  // Canonicalised by itself, SignedInfo declares the prefix that its parent declares in the document.
  const value = sign(algorithm, Buffer.from(element('ds:SignedInfo', { 'xmlns:ds': DS }, content)), signingKey(key));
  return element(
    'ds:Signature',
    { 'xmlns:ds': DS },
    element('ds:SignedInfo', {}, content),
    element('ds:SignatureValue', {}, value.toString('base64')),
    keyInfo(key),
  );
}

function signedInfo(id: string, digest: string, algorithm: SignatureAlgorithm): string {
  const reference = element(
    'ds:Reference',
    { URI: `#${id}` },
    element(
      'ds:Transforms',
      {},
      element('ds:Transform', { Algorithm: ENVELOPED }),
      element('ds:Transform', { Algorithm: EXCLUSIVE_C14N }),
    ),
    element('ds:DigestMethod', { Algorithm: SIGNATURE_IDENTIFIERS[algorithm].digest }),
    element('ds:DigestValue', {}, digest),
  );
  return [
    element('ds:CanonicalizationMethod', { Algorithm: EXCLUSIVE_C14N }),
    element('ds:SignatureMethod', { Algorithm: SIGNATURE_IDENTIFIERS[algorithm].signature }),
    reference,
  ].join('');
}

function keyInfo(key: IdentityProviderKey): string {
  const certificate = element('ds:X509Certificate', {}, text(certificateBase64(key.certificatePem)));
  return element('ds:KeyInfo', {}, element('ds:X509Data', {}, certificate));
}

/** The body of a PEM certificate: base64 without its lines and frame, as metadata and signatures carry it. */
export function certificateBase64(certificatePem: string): string {
  return certificatePem.replace(/-----[A-Z ]+-----|\s/g, '');
}

// Parsing the PEM costs as much as signing; a key object lives as long as the key that it was read from.
const signingKeys = new WeakMap<IdentityProviderKey, KeyObject>();

function signingKey(key: IdentityProviderKey): KeyObject {
  const known = signingKeys.get(key);
  if (known) return known;
  const read = createPrivateKey(key.privateKeyPem);
  signingKeys.set(key, read);
  return read;
}
