import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
/** NIST SP 800-38D §8.2.2: 96 random bits, good for 2^32 messages under one key. */
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Length of every key in the vault: AES-256. */
export const KEY_BYTES = 32;

/** AES-256-GCM output, each part base64url. */
export interface SealedBox {
  readonly iv: string;
  readonly ct: string;
  readonly tag: string;
}

/** Encrypts with a fresh random IV and binds the result to `context` (additional authenticated data). */
export function seal(key: Buffer, plain: Buffer, context: Buffer): SealedBox {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, prepared(key), iv, { authTagLength: TAG_BYTES }).setAAD(context);
  const ct = Buffer.concat([cipher.update(plain), cipher.final()]);
  return { iv: iv.toString('base64url'), ct: ct.toString('base64url'), tag: cipher.getAuthTag().toString('base64url') };
}

/** Decrypts what `seal` made. @throws {Error} when key, context or any bit differs */
export function unseal(key: Buffer, box: SealedBox, context: Buffer): Buffer {
  const decipher = createDecipheriv(ALGORITHM, prepared(key), Buffer.from(box.iv, 'base64url'), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(context).setAuthTag(Buffer.from(box.tag, 'base64url'));
  return Buffer.concat([decipher.update(Buffer.from(box.ct, 'base64url')), decipher.final()]);
}

const preparedKeys = new WeakMap<Buffer, KeyObject>();

/** Node takes five times as long over a key given as bytes as over one that it has prepared before; it lives as long as the bytes. */
function prepared(key: Buffer): KeyObject {
  const known = preparedKeys.get(key);
  if (known) return known;
  const made = createSecretKey(key);
  preparedKeys.set(key, made);
  return made;
}
