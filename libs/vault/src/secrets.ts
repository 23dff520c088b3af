import { randomBytes } from 'node:crypto';
import type { Database } from '#libs/database';
import type { Clock } from '#libs/kernel';
import type { Keyring } from './keyring.js';
import { KEY_BYTES } from './sealed-box.js';

/** What `serverSecret` needs. */
export interface SecretsDependencies {
  readonly database: Database;
  readonly keyring: Keyring;
  readonly clock: Clock;
}

const NAME = /^[a-z][a-z0-9-]{0,62}$/;

/**
 * Returns one of the server's own secrets (32 random bytes), made at the first call and the same ever after, in every process.
 * It lies in the database wrapped under the keyring and bound to its name.
 * @param name kebab-case, at most 63 characters, for example `csrf`
 */
export async function serverSecret({ database, keyring, clock }: SecretsDependencies, name: string): Promise<Buffer> {
  if (!NAME.test(name)) throw new TypeError(`Not the name of a secret: ${name}`);
  const context = `secret/${name}`;
  const stored = await readSecret(database, name);
  if (stored !== undefined) return keyring.unwrap(stored, context);
  await database.query(
    'insert into vault.secrets (name, wrapped, created_at) values ($1, $2, $3) on conflict do nothing',
    [name, keyring.wrap(randomBytes(KEY_BYTES), context), clock.now()],
  );
  return keyring.unwrap((await readSecret(database, name)) as string, context);
}

async function readSecret(database: Database, name: string): Promise<string | undefined> {
  const { rows } = await database.query<{ wrapped: string }>('select wrapped from vault.secrets where name = $1', [
    name,
  ]);
  return rows[0]?.wrapped;
}
