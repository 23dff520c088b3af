import { randomBytes } from 'node:crypto';
import type { Database } from '#libs/database';
import type { Keyring } from './keyring.js';
import { KEY_BYTES } from './sealed-box.js';
import { KeyringMismatchError } from './vault.errors.js';

const PROBE_CONTEXT = 'installation-probe';

/** Whether the database was begun under a keyring: then no new one may be made for it. */
export async function hasFingerprint(database: Database): Promise<boolean> {
  const { rows } = await database.query('select 1 from vault.installation limit 1');
  return rows.length > 0;
}

/**
 * Makes sure that the keyring belongs to this database. The first start writes the keyring's fingerprint down; every later start compares,
 * and opens a probe to prove that the key-encryption keys are there as well. Call it before anything is read or written.
 * @throws {KeyringMismatchError} when the database was made with another keyring
 * @throws {UnwrapError} when the fingerprint agrees but a key-encryption key is missing or damaged
 */
export async function checkFingerprint(database: Database, keyring: Keyring): Promise<void> {
  const probe = keyring.wrap(randomBytes(KEY_BYTES), PROBE_CONTEXT);
  await database.query('insert into vault.installation (fingerprint, probe) values ($1, $2) on conflict do nothing', [
    keyring.fingerprint,
    probe,
  ]);
  const { rows } = await database.query<{ fingerprint: string; probe: string }>(
    'select fingerprint, probe from vault.installation',
  );
  for (const stored of rows) {
    if (stored.fingerprint !== keyring.fingerprint)
      throw new KeyringMismatchError(stored.fingerprint, keyring.fingerprint);
    keyring.unwrap(stored.probe, PROBE_CONTEXT);
  }
}
