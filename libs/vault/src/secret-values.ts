import type { SecretsDependencies } from './secrets.js';
import { SecretValueMissingError, SecretValueRefusedError } from './vault.errors.js';

/** Largest secret value, bytes of UTF-8: a private key with its chain, and room to spare. */
export const SECRET_VALUE_BYTES_MAX = 16_384;

/**
 * Secrets that people hand in: client secrets, private keys, tokens of other systems. Each is named by its fingerprint, so settings and events
 * can say which one is meant without holding it, and the same value is stored once. Nothing crosses tenants: the same value has another
 * fingerprint in another tenant.
 */
export interface SecretValues {
  /**
   * Names a value without storing it: `hmac:` and 64 hex digits, the same for the same tenant and value under one keyring. Equal
   * fingerprints mean equal values, so a repeated configuration shows no change.
   * @throws {SecretValueRefusedError} when the value is empty, larger than {@link SECRET_VALUE_BYTES_MAX} bytes, or no Unicode text
   */
  fingerprintOf(tenant: string, value: string): string;
  /**
   * Stores a value, encrypted, and answers with its fingerprint. Idempotent; committed when it resolves, so an event may name it then.
   * @throws {SecretValueRefusedError} as {@link SecretValues.fingerprintOf} does
   */
  put(tenant: string, value: string): Promise<string>;
  /**
   * Reads a value back.
   * @throws {SecretValueMissingError} when this tenant never stored it
   * @throws {UnwrapError} when its row was changed, or moved from another tenant
   */
  get(tenant: string, fingerprint: string): Promise<string>;
}

/** Keeps secret values in PostgreSQL, wrapped under the keyring and bound to tenant and fingerprint. Nothing is cached. */
export function secretValues({ database, keyring, clock }: SecretsDependencies): SecretValues {
  const fingerprintOf = (tenant: string, value: string) => {
    refuseUnfit(value);
    return `hmac:${keyring.lookupHmac('secret-value', tenant, value)}`;
  };
  return {
    fingerprintOf,
    async put(tenant, value) {
      const fingerprint = fingerprintOf(tenant, value);
      const wrapped = keyring.wrap(Buffer.from(value, 'utf8'), contextOf(tenant, fingerprint));
      await database.query(
        `insert into vault.secret_values (tenant, fingerprint, wrapped, created_at) values ($1, $2, $3, $4)
         on conflict do nothing`,
        [tenant, fingerprint, wrapped, clock.now()],
      );
      return fingerprint;
    },
    async get(tenant, fingerprint) {
      const { rows } = await database.query<{ wrapped: string }>(
        'select wrapped from vault.secret_values where tenant = $1 and fingerprint = $2',
        [tenant, fingerprint],
      );
      if (!rows[0]) throw new SecretValueMissingError(tenant);
      return keyring.unwrap(rows[0].wrapped, contextOf(tenant, fingerprint)).toString('utf8');
    },
  };
}

function refuseUnfit(value: string): void {
  if (value === '') throw new SecretValueRefusedError('it is empty.');
  if (!value.isWellFormed()) throw new SecretValueRefusedError('it is not Unicode text.');
  if (Buffer.byteLength(value, 'utf8') > SECRET_VALUE_BYTES_MAX)
    throw new SecretValueRefusedError(`it has more than ${SECRET_VALUE_BYTES_MAX} bytes.`);
}

const contextOf = (tenant: string, fingerprint: string) => `secret-value/${tenant}/${fingerprint}`;
