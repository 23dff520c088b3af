import { createDecipheriv, randomBytes } from 'node:crypto';
import { decodeUtf8 } from './decode-response.js';
import type { ContentCipher, EncryptedContent } from './encrypted-content.js';
import { unwrapKey } from './rsa-oaep.js';
import { privateKeyOf } from './saml-keys.js';
import { demand, Refusal } from './saml-refused.error.js';

const IV_BYTES = { gcm: 12, cbc: 16 };
const TAG_BYTES = 16;
const BLOCK_BYTES = 16;

/**
 * Decrypts content with whichever of the keys it was encrypted for. The result is never longer than what was sent.
 * Every failure is the same refusal after the same work: where a key does not unwrap, a random one is tried on the content, so that an
 * answer tells nothing about the reason.
 * @throws {Refusal} `decryption-key-missing` or `decryption-failed`
 * @see XML Encryption 1.1, 5.2.3 and 5.2.4 (AES), RFC 3218 (million message attack)
 */
export function decrypt({ cipher, transport, encryptedKey, encrypted }: EncryptedContent, keys: readonly string[]) {
  demand(
    keys.length > 0,
    'decryption-key-missing',
    'The assertion is encrypted, and this connection has no key to decrypt it with.',
  );
  for (const pem of keys) {
    const unwrapped = unwrapKey(encryptedKey, privateKeyOf(pem), transport);
    const key = unwrapped?.length === cipher.keyBytes ? unwrapped : randomBytes(cipher.keyBytes);
    const plain = cipher.malleable ? openCbc(cipher, key, encrypted) : openGcm(cipher, key, encrypted);
    if (plain) return decodeUtf8(plain);
  }
  throw new Refusal(
    'decryption-failed',
    'The assertion could not be decrypted. Compare the encryption certificate at the identity provider with the metadata here.',
  );
}

function openGcm({ name }: ContentCipher, key: Buffer, encrypted: Buffer): Buffer | undefined {
  if (encrypted.length < IV_BYTES.gcm + TAG_BYTES) return undefined;
  const [iv, content] = [encrypted.subarray(0, IV_BYTES.gcm), encrypted.subarray(IV_BYTES.gcm, -TAG_BYTES)];
  try {
    const decipher = createDecipheriv(name as 'aes-128-gcm', key, iv, { authTagLength: TAG_BYTES });
    decipher.setAuthTag(encrypted.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(content), decipher.final()]);
  } catch {
    return undefined;
  }
}

/** The last byte says how many are padding, whatever the others hold; only reached under a valid signature on the response. */
function openCbc({ name }: ContentCipher, key: Buffer, encrypted: Buffer): Buffer | undefined {
  if (encrypted.length < IV_BYTES.cbc + BLOCK_BYTES || encrypted.length % BLOCK_BYTES !== 0) return undefined;
  const decipher = createDecipheriv(name, key, encrypted.subarray(0, IV_BYTES.cbc)).setAutoPadding(false);
  const padded = Buffer.concat([decipher.update(encrypted.subarray(IV_BYTES.cbc)), decipher.final()]);
  const padding = padded.at(-1) ?? 0;
  return padding >= 1 && padding <= BLOCK_BYTES ? padded.subarray(0, -padding) : undefined;
}
