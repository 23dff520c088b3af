import { createHash } from 'node:crypto';
import type { Json } from '#libs/kernel';
import { lengthPrefixed } from './length-prefixed.js';
import { type SealedBox, seal, unseal } from './sealed-box.js';
import { CiphertextRejectedError } from './vault.errors.js';

/** Marks a ciphertext among the data of an event. No event in clear may use this name. */
export const CIPHERTEXT_KEY = '$personal';

/** What stands in place of a personal value whose key is gone. */
export const ERASED = '[erased]';

/** What stands in place of a personal value that the caller may not see. */
export const WITHHELD = '[withheld]';

/**
 * An encrypted personal field: AES-256-GCM with a random 96-bit IV, parts in base64url. `kc` commits to the key: GCM alone would let
 * one ciphertext open to two plaintexts under two keys.
 */
export interface Ciphertext {
  readonly [CIPHERTEXT_KEY]: SealedBox & { readonly subject: string; readonly alg: 'A256GCM'; readonly kc: string };
}

/** Where a field belongs; a ciphertext opens there and nowhere else. `field` is the full path, as in `links[0].subject`. */
export interface FieldPlace {
  readonly tenant: string;
  readonly subject: string;
  readonly eventId: string;
  readonly type: string;
  readonly field: string;
}

/** Encrypts one value under its subject's key, bound to its place. */
export function encryptField(key: Buffer, place: FieldPlace, value: Json): Ciphertext {
  const box = seal(key, Buffer.from(JSON.stringify(value), 'utf8'), contextOf(place));
  return { [CIPHERTEXT_KEY]: { subject: place.subject, alg: 'A256GCM', kc: commitmentTo(key), ...box } };
}

/**
 * Decrypts what `encryptField` made.
 * @throws {CiphertextRejectedError} when it was changed, or stands in another place than the one that it was made for
 */
export function decryptField(key: Buffer, place: FieldPlace, ciphertext: Ciphertext): Json {
  const { kc, ...box } = ciphertext[CIPHERTEXT_KEY];
  if (kc !== commitmentTo(key)) throw new CiphertextRejectedError(place.eventId, place.field);
  try {
    return JSON.parse(unseal(key, box, contextOf(place)).toString('utf8'));
  } catch {
    throw new CiphertextRejectedError(place.eventId, place.field);
  }
}

/** Tells a ciphertext from any other value. */
export function isCiphertext(value: Json): value is Json & Ciphertext {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, CIPHERTEXT_KEY);
}

const contextOf = ({ tenant, subject, eventId, type, field }: FieldPlace) =>
  lengthPrefixed(tenant, subject, eventId, type, field);

/** 128 bits of SHA-256("kc" ‖ key): collisions cost 2^64 work, and nothing about the key is told. */
const commitmentTo = (key: Buffer) =>
  createHash('sha256').update('kc').update(key).digest().subarray(0, 16).toString('base64url');
