import { addGeneration, deleteRetired, type KeyPairRow, readKeyPairs } from './key-pairs.queries.js';
import { newKeyPair } from './new-key-pair.js';
import type { SecretsDependencies } from './secrets.js';
import { KeyPairsFullError } from './vault.errors.js';

/**
 * What a key pair is for; one key never serves two purposes.
 * `saml-sp` signs SAML requests, `saml-sp-encryption` decrypts assertions, `oidc-client` proves to OpenID providers who asks
 * (`private_key_jwt`), `op-signing` signs what applications receive.
 */
export type KeyPurpose = 'saml-sp' | 'saml-sp-encryption' | 'oidc-client' | 'op-signing';

/** One of the server's own key pairs: RSA, 2048 bits, PEM texts. */
export interface KeyPair {
  /** JWK thumbprint of the public key (RFC 7638): names the key wherever it is published. */
  readonly kid: string;
  /** PKCS #8. Never leaves the process. */
  readonly privateKeyPem: string;
  /** SPKI. */
  readonly publicKeyPem: string;
  /** Self-signed, ten years; null for `op-signing`, whose key is published as a JWK. */
  readonly certificatePem: string | null;
  readonly createdAt: Date;
  /** When a newer one took over: it signs nothing any more, but still verifies and decrypts. */
  readonly retiredAt: Date | null;
}

/** Generations of one tenant and purpose at most, the retired ones among them. */
export const KEY_PAIRS_MAX = 8;

/** The server's own key pairs, per tenant and purpose; `installation` is the tenant of what belongs to none. */
export interface KeyPairs {
  /** The pair to use now; made at the first call, and the same for all processes that ask at once. */
  current(tenant: string, purpose: KeyPurpose): Promise<KeyPair>;
  /** The current pair and then the retired ones, the newest first: what to publish and what to decrypt with. Makes the first as `current` does. */
  all(tenant: string, purpose: KeyPurpose): Promise<readonly KeyPair[]>;
  /**
   * Puts a new pair in the place of the current one, which is retired. Processes that rotate at the same moment make one step together.
   * @throws {KeyPairsFullError} when there are {@link KEY_PAIRS_MAX}: discard retired ones first
   */
  rotate(tenant: string, purpose: KeyPurpose): Promise<KeyPair>;
  /** Deletes pairs that were retired before an instant, once nothing that they signed or that was encrypted for them is alive. @returns how many */
  discardRetiredBefore(tenant: string, purpose: KeyPurpose, instant: Date): Promise<number>;
}

/** Keeps key pairs in PostgreSQL, the private key wrapped under the keyring and bound to its place. Nothing is cached: a rotation is seen at once. */
export function keyPairs({ database, keyring, clock }: SecretsDependencies): KeyPairs {
  const read = async (tenant: string, purpose: KeyPurpose) =>
    readKeyPairs(database, { tenant, purpose }, KEY_PAIRS_MAX);

  const make = async (tenant: string, purpose: KeyPurpose, generation: number) => {
    const at = clock.now();
    const certificateName = purpose === 'op-signing' ? null : `Gatebook ${purpose}`;
    const { privateKeyPem, ...rest } = await newKeyPair({ certificateName, now: at });
    const wrapped = keyring.wrap(Buffer.from(privateKeyPem, 'utf8'), contextOf(tenant, purpose, rest.kid));
    await addGeneration(database, { tenant, purpose }, generation, { ...rest, wrapped, at });
    return read(tenant, purpose);
  };

  const all = async (tenant: string, purpose: KeyPurpose) => {
    const present = await read(tenant, purpose);
    const rows = present.length > 0 ? present : await make(tenant, purpose, 1);
    return rows.map((row) => open(row, tenant, purpose));
  };

  const open = ({ kid, wrapped, ...row }: KeyPairRow, tenant: string, purpose: KeyPurpose): KeyPair => ({
    kid,
    privateKeyPem: keyring.unwrap(wrapped, contextOf(tenant, purpose, kid)).toString('utf8'),
    publicKeyPem: row.public_key,
    certificatePem: row.certificate,
    createdAt: row.created_at,
    retiredAt: row.retired_at,
  });

  return {
    all,
    current: async (tenant, purpose) => (await all(tenant, purpose))[0] as KeyPair,
    async rotate(tenant, purpose) {
      const present = await read(tenant, purpose);
      if (present.length >= KEY_PAIRS_MAX) throw new KeyPairsFullError(tenant, purpose, KEY_PAIRS_MAX);
      const [newest] = await make(tenant, purpose, (present[0]?.generation ?? 0) + 1);
      return open(newest as KeyPairRow, tenant, purpose);
    },
    discardRetiredBefore: (tenant, purpose, instant) => deleteRetired(database, { tenant, purpose }, instant),
  };
}

const contextOf = (tenant: string, purpose: string, kid: string) => `key-pair/${tenant}/${purpose}/${kid}`;
