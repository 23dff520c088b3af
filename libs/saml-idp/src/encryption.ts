import { constants, createCipheriv, createHash, publicEncrypt, randomBytes, X509Certificate } from 'node:crypto';
import { element } from './canonical-xml.js';

/** How an assertion is encrypted. `cbc` and `rsa15` exist to test that relying parties refuse them. */
export interface AssertionEncryption {
  /** PEM certificate of the relying party. */
  readonly certificatePem: string;
  /** Default `aes256-gcm`. */
  readonly content?: keyof typeof CIPHERS;
  /** Default `oaep-sha1`: both hashes SHA-1, what most identity providers send. `oaep-sha256` has SHA-256 for both, `oaep-mixed` a mask of SHA-1. */
  readonly transport?: keyof typeof TRANSPORTS;
  /** Where the encrypted key stands: in the encrypted data (default), or beside them, referred to. */
  readonly key?: 'inside' | 'beside';
}

const SAML = 'urn:oasis:names:tc:SAML:2.0:assertion';
const DS = 'http://www.w3.org/2000/09/xmldsig#';
const XENC = 'http://www.w3.org/2001/04/xmlenc#';
const XENC11 = 'http://www.w3.org/2009/xmlenc11#';
const BLOCK_BYTES = 16;
const KEY_ID = '_encrypted-key';

const CIPHERS = {
  'aes128-gcm': { algorithm: `${XENC11}aes128-gcm`, name: 'aes-128-gcm', keyBytes: 16, ivBytes: 12 },
  'aes256-gcm': { algorithm: `${XENC11}aes256-gcm`, name: 'aes-256-gcm', keyBytes: 32, ivBytes: 12 },
  'aes128-cbc': { algorithm: `${XENC}aes128-cbc`, name: 'aes-128-cbc', keyBytes: 16, ivBytes: 16 },
  'aes256-cbc': { algorithm: `${XENC}aes256-cbc`, name: 'aes-256-cbc', keyBytes: 32, ivBytes: 16 },
} as const;

const TRANSPORTS = {
  'oaep-sha1': { algorithm: `${XENC}rsa-oaep-mgf1p`, digest: 'sha1', mask: null },
  'oaep-mixed': { algorithm: `${XENC}rsa-oaep-mgf1p`, digest: 'sha256', mask: null },
  'oaep-sha256': { algorithm: `${XENC11}rsa-oaep`, digest: 'sha256', mask: `${XENC11}mgf1sha256` },
  rsa15: { algorithm: `${XENC}rsa-1_5`, digest: null, mask: null },
} as const;
const DIGESTS = { sha1: `${DS}sha1`, sha256: `${XENC}sha256` } as const;

/**
 * Encrypts an assertion for one relying party (SAML core §2.3.4, XML Encryption 1.1 §5). Never the same twice: key and
 * initialisation vector are fresh. The result is in exclusive canonical form.
 */
export function encryptedAssertion(assertion: string, encryption: AssertionEncryption): string {
  const { certificatePem, content = 'aes256-gcm', transport = 'oaep-sha1', key: place = 'inside' } = encryption;
  const cipher = CIPHERS[content];
  const contentKey = randomBytes(cipher.keyBytes);
  const key = encryptedKey(wrapped(contentKey, certificatePem, transport), transport);
  const reference = element('ds:RetrievalMethod', { URI: `#${KEY_ID}`, Type: `${XENC}EncryptedKey` });
  const data = element(
    'xenc:EncryptedData',
    { 'xmlns:xenc': XENC, Type: `${XENC}Element` },
    element('xenc:EncryptionMethod', { Algorithm: cipher.algorithm }),
    element('ds:KeyInfo', { 'xmlns:ds': DS }, place === 'inside' ? key : reference),
    cipherData(sealed(assertion, contentKey, content)),
  );
  return element('saml:EncryptedAssertion', { 'xmlns:saml': SAML }, data, place === 'beside' ? key : '');
}

function encryptedKey(value: Buffer, transport: keyof typeof TRANSPORTS): string {
  const { algorithm, digest, mask } = TRANSPORTS[transport];
  const method = element(
    'xenc:EncryptionMethod',
    { Algorithm: algorithm },
    digest ? element('ds:DigestMethod', { 'xmlns:ds': DS, Algorithm: DIGESTS[digest] }) : '',
    mask ? element('xenc11:MGF', { 'xmlns:xenc11': XENC11, Algorithm: mask }) : '',
  );
  return element('xenc:EncryptedKey', { 'xmlns:xenc': XENC, Id: KEY_ID }, method, cipherData(value));
}

const cipherData = (value: Buffer) =>
  element('xenc:CipherData', {}, element('xenc:CipherValue', {}, value.toString('base64')));

function sealed(plain: string, key: Buffer, content: keyof typeof CIPHERS): Buffer {
  const { name, ivBytes } = CIPHERS[content];
  const iv = randomBytes(ivBytes);
  if (name === 'aes-128-gcm' || name === 'aes-256-gcm') {
    const cipher = createCipheriv(name, key, iv);
    return Buffer.concat([iv, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  }
  const bytes = Buffer.from(plain, 'utf8');
  const padding = BLOCK_BYTES - (bytes.length % BLOCK_BYTES);
  const padded = Buffer.concat([bytes, randomBytes(padding - 1), Buffer.from([padding])]);
  const cipher = createCipheriv(name, key, iv).setAutoPadding(false);
  return Buffer.concat([iv, cipher.update(padded), cipher.final()]);
}

function wrapped(contentKey: Buffer, certificatePem: string, transport: keyof typeof TRANSPORTS): Buffer {
  const key = new X509Certificate(certificatePem).publicKey;
  const { digest } = TRANSPORTS[transport];
  if (digest === null) return publicEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, contentKey);
  if (transport !== 'oaep-mixed') {
    return publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: digest }, contentKey);
  }
  const size = (key.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
  return publicEncrypt({ key, padding: constants.RSA_NO_PADDING }, paddedWithSha1Mask(contentKey, size));
}

/** OAEP encoding (RFC 8017 §7.1.1) with SHA-256 and a mask of SHA-1, which Node does not offer. */
function paddedWithSha1Mask(message: Buffer, size: number): Buffer {
  const seed = randomBytes(32);
  const block = Buffer.alloc(size - 33);
  createHash('sha256').digest().copy(block);
  block[block.length - message.length - 1] = 1;
  message.copy(block, block.length - message.length);
  const maskedBlock = xor(block, mgf1Sha1(seed, block.length));
  return Buffer.concat([Buffer.alloc(1), xor(seed, mgf1Sha1(maskedBlock, seed.length)), maskedBlock]);
}

function mgf1Sha1(seed: Buffer, length: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / 20) }, (_, counter) => {
    const suffix = Buffer.alloc(4);
    suffix.writeUInt32BE(counter);
    return createHash('sha1').update(seed).update(suffix).digest();
  });
  return Buffer.concat(blocks).subarray(0, length);
}

const xor = (left: Buffer, right: Buffer) => Buffer.from(left.map((byte, index) => byte ^ (right[index] ?? 0)));
