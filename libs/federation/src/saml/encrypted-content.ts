import { bytesOf } from './decode-response.js';
import { demand, Refusal } from './saml-refused.error.js';
import { childrenOf, ENCRYPTION, everyElement, is, onlyChild, required, SIGNATURE } from './saml-xml.js';
import type { XmlElement } from './xml-element.js';

/** How the content is encrypted. */
export interface ContentCipher {
  readonly name: 'aes-128-gcm' | 'aes-256-gcm' | 'aes-128-cbc' | 'aes-256-cbc';
  readonly keyBytes: 16 | 32;
  /** CBC, which protects no integrity. */
  readonly malleable: boolean;
}

/** How the content's key is encrypted: RSA-OAEP with these hashes (RFC 8017, 7.1). */
export interface KeyTransport {
  readonly digest: OaepHash;
  readonly mask: OaepHash;
}

/** A hash that OAEP may be done with. */
export type OaepHash = 'sha1' | 'sha256';

/** An encrypted element, taken apart. */
export interface EncryptedContent {
  readonly cipher: ContentCipher;
  readonly transport: KeyTransport;
  readonly encryptedKey: Buffer;
  readonly encrypted: Buffer;
}

const XMLENC11 = 'http://www.w3.org/2009/xmlenc11#';
const CIPHERS: ReadonlyMap<string, ContentCipher> = new Map([
  [`${XMLENC11}aes128-gcm`, { name: 'aes-128-gcm', keyBytes: 16, malleable: false }],
  [`${XMLENC11}aes256-gcm`, { name: 'aes-256-gcm', keyBytes: 32, malleable: false }],
  [`${ENCRYPTION}aes128-cbc`, { name: 'aes-128-cbc', keyBytes: 16, malleable: true }],
  [`${ENCRYPTION}aes256-cbc`, { name: 'aes-256-cbc', keyBytes: 32, malleable: true }],
]);
/** SHA-1 is not asked to resist collisions here, and is what most identity providers use. */
const DIGESTS: ReadonlyMap<string, OaepHash> = new Map([
  [`${SIGNATURE}sha1`, 'sha1'],
  [`${ENCRYPTION}sha256`, 'sha256'],
]);
const MASKS: ReadonlyMap<string, OaepHash> = new Map([
  [`${XMLENC11}mgf1sha1`, 'sha1'],
  [`${XMLENC11}mgf1sha256`, 'sha256'],
]);
/** RSA of 16,384 bits. */
const ENCRYPTED_KEY_BYTES_MAX = 2048;

/**
 * Takes an EncryptedAssertion apart: one EncryptedData for one EncryptedKey, which is inside of it or beside it, both with their bytes
 * in place; nothing is looked up by an id or fetched.
 * Accepts AES-GCM, AES-CBC (to be judged by the caller) and RSA-OAEP; never RSA 1.5, whose padding can be used to decrypt by asking.
 * @throws {Refusal} `hostile-xml`, `malformed-response` or `unsupported-algorithm`
 * @see XML Encryption 1.1, 5.2 and 5.5; SAML Core 2.3.4
 */
export function readEncrypted(element: XmlElement): EncryptedContent {
  const data = required(onlyChild(element, ENCRYPTION, 'EncryptedData'), 'malformed-response', NO_DATA);
  const key = onlyEncryptedKey(element, data);
  const type = data.attributes.get('Type') ?? `${ENCRYPTION}Element`;
  demand(type === `${ENCRYPTION}Element`, 'malformed-response', 'What is encrypted is not said to be an element.');
  const cipher = CIPHERS.get(methodOf(data)?.attributes.get('Algorithm') ?? '');
  demand(cipher !== undefined, 'unsupported-algorithm', WEAK_CONTENT);
  const encryptedKey = cipherValue(key);
  const bounded = encryptedKey.length <= ENCRYPTED_KEY_BYTES_MAX;
  demand(bounded, 'hostile-xml', 'The encrypted key is too large.');
  return { cipher, transport: transportOf(methodOf(key)), encryptedKey, encrypted: cipherValue(data) };
}

const NO_DATA = 'The encrypted assertion holds no encrypted data.';
const WEAK_CONTENT = 'The assertion is encrypted with an algorithm that is not accepted. Set AES-GCM.';
const WEAK_KEY =
  "The assertion's key is encrypted with an algorithm that is not accepted. Set RSA-OAEP with SHA-1 or SHA-256.";

/** More than one of anything would let two readers decrypt different things. */
function onlyEncryptedKey(element: XmlElement, data: XmlElement): XmlElement {
  const all = [...everyElement(element)];
  const count = (local: string) => all.filter((each) => is(each, ENCRYPTION, local)).length;
  const single = count('EncryptedData') === 1 && count('EncryptedKey') === 1 && count('CipherReference') === 0;
  demand(single, 'hostile-xml', 'The encrypted assertion must hold one encrypted content and one key, both in place.');
  const keyInfo = onlyChild(data, SIGNATURE, 'KeyInfo');
  const [key] = [element, ...(keyInfo ? [keyInfo] : [])].flatMap((at) => childrenOf(at, ENCRYPTION, 'EncryptedKey'));
  const found = required(
    key,
    'hostile-xml',
    'The key of the encrypted assertion is in a place where it does not belong.',
  );
  const [reference] = keyInfo ? childrenOf(keyInfo, SIGNATURE, 'RetrievalMethod') : [];
  const meant = !reference || reference.attributes.get('URI') === `#${found.attributes.get('Id')}`;
  demand(meant, 'hostile-xml', 'The encrypted assertion refers to a key elsewhere.');
  return found;
}

const methodOf = (element: XmlElement) => onlyChild(element, ENCRYPTION, 'EncryptionMethod');

/** Of the older identifier the mask is SHA-1 whatever the digest; the newer one names both (XML Encryption 1.1, 5.5.2). */
function transportOf(method: XmlElement | undefined): KeyTransport {
  const algorithm = method?.attributes.get('Algorithm');
  const older = algorithm === `${ENCRYPTION}rsa-oaep-mgf1p`;
  if (!method || !(older || algorithm === `${XMLENC11}rsa-oaep`)) throw new Refusal('unsupported-algorithm', WEAK_KEY);
  const named = (namespace: string, local: string) =>
    onlyChild(method, namespace, local)?.attributes.get('Algorithm') ?? null;
  const digest = DIGESTS.get(named(SIGNATURE, 'DigestMethod') ?? `${SIGNATURE}sha1`);
  const mask = older ? 'sha1' : MASKS.get(named(XMLENC11, 'MGF') ?? `${XMLENC11}mgf1sha1`);
  const labelled = childrenOf(method, ENCRYPTION, 'OAEPparams').length > 0;
  if (!digest || !mask || labelled) throw new Refusal('unsupported-algorithm', WEAK_KEY);
  return { digest, mask };
}

function cipherValue(element: XmlElement): Buffer {
  const data = onlyChild(element, ENCRYPTION, 'CipherData');
  const value = data && onlyChild(data, ENCRYPTION, 'CipherValue');
  const bytes = value && bytesOf(value.text.replace(/[ \t]/g, ''));
  return required(bytes, 'malformed-response', 'The encrypted assertion is not valid base64.');
}
