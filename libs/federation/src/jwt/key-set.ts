import { type CryptoKey, calculateJwkThumbprint, importJWK, type JWK } from 'jose';
import { ProviderMetadataError } from '../oidc/provider.errors.js';

/** Keys of one issuer. Entra publishes about 10. */
export const KEYS_MAX = 100;
const PUBLIC_MEMBERS = ['kty', 'kid', 'use', 'key_ops', 'alg', 'n', 'e', 'crv', 'x', 'y'] as const;
const KEY_TYPES: Readonly<Record<string, string>> = { RS: 'RSA', PS: 'RSA', ES: 'EC', Ed: 'OKP' };
const CURVES: Readonly<Record<string, string>> = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' };

/** Signature algorithms that Gatebook can verify. All are asymmetric: `none` and HMAC have no place here. */
export const SIGNATURE_ALGORITHMS: readonly string[] = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];

/** Public signature keys of one issuer, as published. */
export interface KeySet {
  readonly keys: readonly JWK[];
}

/**
 * Reads a JSON Web Key Set: public asymmetric keys only, and of each key only what a signature check needs.
 * Symmetric keys, encryption keys and everything that points elsewhere (`x5u`) or certifies (`x5c`) are left out.
 * @see RFC 7517
 * @throws {ProviderMetadataError} when it is none, or has more than {@link KEYS_MAX} keys
 */
export function keySetOf(json: Readonly<Record<string, unknown>>): KeySet {
  const listed = json['keys'];
  if (!Array.isArray(listed)) throw new ProviderMetadataError('The key set has no list of keys. Check its address.');
  if (listed.length > KEYS_MAX) throw new ProviderMetadataError(`The key set has more than ${KEYS_MAX} keys.`);
  return { keys: listed.flatMap((key: unknown) => publicKey(key)) };
}

/**
 * The one key that the header of a token means.
 * @returns undefined when no key fits, or more than one does (a token without `kid` where several keys are published)
 */
export function keyFor(
  { keys }: KeySet,
  { alg, kid }: { readonly alg: string; readonly kid: unknown },
): JWK | undefined {
  const fitting = keys.filter(
    (key) =>
      key.kty === KEY_TYPES[alg.slice(0, 2)] &&
      (kid === undefined || key.kid === kid) &&
      (key.alg === undefined || key.alg === alg) &&
      (CURVES[alg] === undefined || key.crv === CURVES[alg]) &&
      (key.kty !== 'OKP' || key.crv === 'Ed25519'),
  );
  return fitting.length === 1 ? fitting[0] : undefined;
}

/** A key made ready, once per key and algorithm. */
export interface VerificationKey {
  readonly key: CryptoKey;
  /** RFC 7638 thumbprint with SHA-256, in hex. */
  readonly sha256: string;
}

const imported = new WeakMap<JWK, Map<string, Promise<VerificationKey>>>();

/** Makes a published key ready for an algorithm. Rejects when its members are no key. */
export function importKey(jwk: JWK, alg: string): Promise<VerificationKey> {
  const ready = imported.get(jwk) ?? new Map<string, Promise<VerificationKey>>();
  imported.set(jwk, ready);
  const known = ready.get(alg);
  if (known) return known;
  const fresh = importFresh(jwk, alg);
  ready.set(alg, fresh);
  return fresh;
}

async function importFresh(jwk: JWK, alg: string): Promise<VerificationKey> {
  const key = await importJWK(jwk, alg);
  if (key instanceof Uint8Array) throw new TypeError('Symmetric keys verify nothing here.');
  const thumbprint = await calculateJwkThumbprint(jwk, 'sha256');
  return { key, sha256: Buffer.from(thumbprint, 'base64url').toString('hex') };
}

function publicKey(key: unknown): JWK[] {
  if (typeof key !== 'object' || key === null) return [];
  const members = PUBLIC_MEMBERS.filter((name) => Object.hasOwn(key, name)).map((name) => [
    name,
    Reflect.get(key, name),
  ]);
  const jwk = Object.fromEntries(members) as JWK;
  const signs = (jwk.use ?? 'sig') === 'sig' && (!Array.isArray(jwk.key_ops) || jwk.key_ops.includes('verify'));
  const texts = members.every(([name, value]) => name === 'key_ops' || typeof value === 'string');
  return signs && texts && ['RSA', 'EC', 'OKP'].includes(jwk.kty ?? '') ? [jwk] : [];
}
