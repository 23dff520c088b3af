import { createHash, type KeyObject, timingSafeEqual, verify, X509Certificate } from 'node:crypto';
import { childrenOf, is, SIGNATURE, trimmedText } from '../saml/saml-xml.js';
import { parseXml, type XmlElement } from '../saml/xml-element.js';
import { CanonicalForm } from './canonical-form.js';
import { ElementCollector } from './element-collector.js';
import { MetadataError } from './metadata.errors.js';
import { PREFIXES_MAX } from './metadata-limits.js';
import { type StartTag, walkXml } from './xml-stream.js';

const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const ENVELOPED = `${SIGNATURE}enveloped-signature`;
const SIGNATURE_HASHES: ReadonlyMap<string, string> = new Map([
  ['http://www.w3.org/2001/04/xmldsig-more#rsa-sha256', 'sha256'],
  ['http://www.w3.org/2001/04/xmldsig-more#rsa-sha384', 'sha384'],
  ['http://www.w3.org/2001/04/xmldsig-more#rsa-sha512', 'sha512'],
]);
const DIGEST_HASHES: ReadonlyMap<string, string> = new Map([
  ['http://www.w3.org/2001/04/xmlenc#sha256', 'sha256'],
  ['http://www.w3.org/2001/04/xmldsig-more#sha384', 'sha384'],
  ['http://www.w3.org/2001/04/xmlenc#sha512', 'sha512'],
]);
const RSA_BITS_MIN = 2048;
const SIGNED_INFO_LIMITS = { elements: 32, depth: 8, attributesPerElement: 8 };

/**
 * Verifies the signature that the root carries over the whole document, and answers with the octets that it covers. Only they may be read
 * afterwards: their digest is in a statement that the key signed, so nobody else wrote them, whatever else the document holds.
 * Not by xml-crypto, which would build a tree of the whole aggregate: measured 1.4 s and 100 MB for 1.5 MB, growing with the size.
 * @param xml of {@link plainXml}
 * @param pinnedCertificate PEM; the key inside a document proves nothing and is not looked at
 * @throws {MetadataError} `metadata-signature-invalid`
 * @see SAML Metadata 3 (signature profile), XML Signature 3.2 (core validation)
 */
export async function verifiedOctets(xml: string, pinnedCertificate: string): Promise<string> {
  const signature = await signatureOf(xml);
  const signedInfo = await signedInfoOf(xml, signature);
  const { hash, digestHash, digest, uri, prefixes } = rulesOf(signedInfo);
  const value = Buffer.from(textOfOnly(signature, 'SignatureValue'), 'base64');
  if (!verify(hash, Buffer.from(signedInfo), keyOf(pinnedCertificate), value)) throw notValid();

  const root = new CanonicalForm({
    begins: ({ depth }) => depth === 0,
    leavesOut: isRootSignature,
    inclusivePrefixes: prefixes,
  });
  await walkXml(xml, root);
  const id = root.apex?.attributes.find(({ name }) => name === 'ID')?.value;
  const isWhole = uri === '' || (id !== undefined && uri === `#${id}`);
  const actual = createHash(digestHash).update(root.octets).digest();
  const same = actual.length === digest.length && timingSafeEqual(actual, digest);
  if (root.omissions !== 1 || !isWhole || !same) throw notValid();
  return root.octets;
}

const isRootSignature = (tag: StartTag) => tag.depth === 1 && isDs(tag, 'Signature');
const isDs = ({ namespace, local }: StartTag, name: string) => namespace === SIGNATURE && local === name;

async function signatureOf(xml: string): Promise<XmlElement> {
  const collector = new ElementCollector(isRootSignature, 1);
  await walkXml(xml, collector);
  const [found] = collector.found;
  if (found) return found.element;
  throw new MetadataError(
    'metadata-signature-invalid',
    'The metadata is not signed as a whole, and a certificate for it is pinned. Ask for signed metadata, or unpin it.',
  );
}

/** The statement that was signed, as octets: everything about it is read from these and from nowhere else. */
async function signedInfoOf(xml: string, signature: XmlElement): Promise<string> {
  const [method] = childrenOf(only(signature, 'SignedInfo'), SIGNATURE, 'CanonicalizationMethod');
  const form = new CanonicalForm({
    begins: (tag) => isDs(tag, 'SignedInfo') && tag.parent !== undefined && isRootSignature(tag.parent),
    inclusivePrefixes: method ? prefixesOf(method) : [],
  });
  await walkXml(xml, form);
  return form.octets;
}

/** Refuses every algorithm and transform but the ones of the profile; one reference, to the document itself. */
function rulesOf(octets: string) {
  const signedInfo = parsed(octets);
  const reference = only(signedInfo, 'Reference');
  const transforms = only(reference, 'Transforms').children;
  const [enveloped, exclusive] = transforms;
  const asProfiled =
    transforms.length === 2 &&
    algorithmOf(enveloped) === ENVELOPED &&
    algorithmOf(exclusive) === EXCLUSIVE &&
    algorithmOf(only(signedInfo, 'CanonicalizationMethod')) === EXCLUSIVE;
  const hash = SIGNATURE_HASHES.get(algorithmOf(only(signedInfo, 'SignatureMethod')));
  const digestHash = DIGEST_HASHES.get(algorithmOf(only(reference, 'DigestMethod')));
  const uri = reference.attributes.get('URI');
  if (!asProfiled || !hash || !digestHash || !exclusive || uri === undefined) throw notSafe();
  const digest = Buffer.from(textOfOnly(reference, 'DigestValue'), 'base64');
  return { hash, digestHash, digest, uri, prefixes: prefixesOf(exclusive) };
}

function parsed(octets: string): XmlElement {
  try {
    return parseXml(octets, SIGNED_INFO_LIMITS);
  } catch {
    throw notValid(); // larger than the profile allows
  }
}

const algorithmOf = (element: XmlElement | undefined) => element?.attributes.get('Algorithm') ?? '';

function prefixesOf(method: XmlElement): readonly string[] {
  const list = method.children.find((child) => is(child, EXCLUSIVE, 'InclusiveNamespaces'));
  const prefixes = (list?.attributes.get('PrefixList') ?? '').split(/\s+/).filter((prefix) => prefix !== '');
  if (prefixes.length > PREFIXES_MAX) throw notSafe(); // each of them is looked up for each element
  return prefixes;
}

function only(element: XmlElement, local: string): XmlElement {
  const [found, ...others] = childrenOf(element, SIGNATURE, local);
  if (!found || others.length > 0) throw notValid();
  return found;
}

const textOfOnly = (element: XmlElement, local: string) => trimmedText(only(element, local));

function keyOf(pem: string): KeyObject {
  const { publicKey } = certificateOf(pem);
  const bits = publicKey.asymmetricKeyDetails?.modulusLength ?? 0;
  if (publicKey.asymmetricKeyType === 'rsa' && bits >= RSA_BITS_MIN) return publicKey;
  throw new MetadataError(
    'metadata-signature-invalid',
    `The pinned certificate needs an RSA key of at least ${RSA_BITS_MIN} bits.`,
  );
}

function certificateOf(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw new MetadataError(
      'metadata-signature-invalid',
      'The pinned certificate is not a PEM certificate (-----BEGIN CERTIFICATE-----).',
    );
  }
}

const notValid = () =>
  new MetadataError(
    'metadata-signature-invalid',
    'The signature was not made with the pinned certificate, or the metadata was changed. Compare the certificate.',
  );
const notSafe = () =>
  new MetadataError(
    'metadata-signature-invalid',
    'The signature of the metadata is not RSA with SHA-256 or better in exclusive canonical form. Ask for one that is.',
  );
