import { constants, createHash, type KeyObject, privateDecrypt, timingSafeEqual } from 'node:crypto';
import type { KeyTransport, OaepHash } from './encrypted-content.js';

const HASH_BYTES: Readonly<Record<OaepHash, number>> = { sha1: 20, sha256: 32 };

/**
 * Unwraps a content key with RSA-OAEP (RFC 8017, 7.1.2), without a label; `undefined` when it does not unwrap, for whatever reason.
 * Where both hashes are the same, OpenSSL does all of it. XML Encryption also has SHA-256 with a mask of SHA-1, which Node cannot be
 * told: then OpenSSL does the RSA, and only the padding is taken off here, looking at every byte whatever the earlier ones said.
 */
export function unwrapKey(wrapped: Buffer, key: KeyObject, { digest, mask }: KeyTransport): Buffer | undefined {
  try {
    if (digest === mask) {
      return privateDecrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: digest }, wrapped);
    }
    return unpad(privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, wrapped), digest, mask);
  } catch {
    return undefined;
  }
}

function unpad(encoded: Buffer, digest: OaepHash, mask: OaepHash): Buffer | undefined {
  const size = HASH_BYTES[digest];
  if (encoded.length < 2 * size + 2) return undefined; // the key is too short for the hash; says nothing about the message
  const maskedBlock = encoded.subarray(1 + size);
  const seed = xor(encoded.subarray(1, 1 + size), mgf1(maskedBlock, size, mask));
  const block = xor(maskedBlock, mgf1(seed, maskedBlock.length, mask));
  const label = timingSafeEqual(block.subarray(0, size), createHash(digest).digest());
  const { begin, zeros } = separator(block, size);
  const wrong = (encoded[0] ?? 1) | Number(!label) | Number(!zeros);
  return wrong === 0 ? block.subarray(begin) : undefined;
}

/** Finds the 01 after the zeros in one pass over all bytes. */
function separator(block: Buffer, from: number): { begin: number; zeros: boolean } {
  let searching = 1;
  let bad = 0;
  let begin = 0;
  for (let index = from; index < block.length; index += 1) {
    const byte = block[index] ?? 0;
    const isOne = Number(byte === 1);
    const isZero = Number(byte === 0);
    begin += searching * isOne * (index + 1);
    bad |= searching & (1 - isOne) & (1 - isZero);
    searching &= 1 - isOne;
  }
  return { begin, zeros: (bad | searching) === 0 };
}

/** RFC 8017, B.2.1. */
function mgf1(seed: Buffer, length: number, hash: OaepHash): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / HASH_BYTES[hash]) }, (_, counter) => {
    const suffix = Buffer.alloc(4);
    suffix.writeUInt32BE(counter);
    return createHash(hash).update(seed).update(suffix).digest();
  });
  return Buffer.concat(blocks).subarray(0, length);
}

const xor = (left: Buffer, right: Buffer) => Buffer.from(left.map((byte, index) => byte ^ (right[index] ?? 0)));
