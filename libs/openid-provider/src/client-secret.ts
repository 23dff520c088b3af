import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { SecretValues } from '#libs/vault';

/** Shortest secret of a client that a person may choose, and the longest, in characters. */
export const CLIENT_SECRET_LENGTH_MIN = 16;
export const CLIENT_SECRET_LENGTH_MAX = 512;

const SECRET_BYTES = 32;

/** Makes the secret of a client: 256 random bits in base64url. */
export const newClientSecret = (): string => randomBytes(SECRET_BYTES).toString('base64url');

/** What names secrets without keeping them. */
type Fingerprints = Pick<SecretValues, 'fingerprintOf'>;

/**
 * What is kept of a client's secret: an HMAC-SHA-256 under the installation's look-up key. Events and backups that hold it are of no use
 * for guessing a weak secret without the keyring; and unlike a slow hash it does not make every token request cost what an attacker
 * would like it to cost. It is bound to the client: two with the same secret have different ones.
 */
export function clientSecretHash(vault: Fingerprints, tenant: string, clientId: string, secret: string): string {
  return vault.fingerprintOf(tenant, JSON.stringify(['client', clientId, secret]));
}

/** A client with a secret. */
export interface SecretHolder {
  readonly tenant: string;
  readonly id: string;
  readonly secretHash: string;
}

/** Compares a secret as offered with what is kept, in constant time. */
export function isClientSecret(
  vault: Fingerprints,
  { tenant, id, secretHash }: SecretHolder,
  offered: string,
): boolean {
  if (offered.length > CLIENT_SECRET_LENGTH_MAX || !offered.isWellFormed()) return false;
  const [one, other] = [clientSecretHash(vault, tenant, id, offered), secretHash].map((text) => Buffer.from(text));
  return one !== undefined && other !== undefined && one.length === other.length && timingSafeEqual(one, other);
}
