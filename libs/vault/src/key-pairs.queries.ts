import type { Database } from '#libs/database';
import type { NewKeyPair } from './new-key-pair.js';

/** What a line of key pairs belongs to. */
export interface KeyPairLine {
  readonly tenant: string;
  readonly purpose: string;
}

/** A key pair as the database holds it. */
export interface KeyPairRow {
  readonly generation: number;
  readonly kid: string;
  readonly wrapped: string;
  readonly public_key: string;
  readonly certificate: string | null;
  readonly created_at: Date;
  readonly retired_at: Date | null;
}

/** Reads the generations of a line, the newest first. */
export async function readKeyPairs(
  database: Database,
  { tenant, purpose }: KeyPairLine,
  limit: number,
): Promise<KeyPairRow[]> {
  const { rows } = await database.query<KeyPairRow>({
    name: 'vault.read_key_pairs',
    text: `select generation, kid, wrapped, public_key, certificate, created_at, retired_at
       from vault.key_pairs where tenant = $1 and purpose = $2 order by generation desc limit $3`,
    values: [tenant, purpose, limit],
  });
  return rows;
}

/** Adds one generation and retires those before it, in one statement. Of several processes that add the same one, the first wins. */
export async function addGeneration(
  database: Database,
  { tenant, purpose }: KeyPairLine,
  generation: number,
  made: Omit<NewKeyPair, 'privateKeyPem'> & { readonly wrapped: string; readonly at: Date },
): Promise<void> {
  await database.query(
    `with added as (
       insert into vault.key_pairs (tenant, purpose, generation, kid, wrapped, public_key, certificate, created_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing returning generation)
     update vault.key_pairs k set retired_at = $8 from added
      where k.tenant = $1 and k.purpose = $2 and k.generation < added.generation and k.retired_at is null`,
    [tenant, purpose, generation, made.kid, made.wrapped, made.publicKeyPem, made.certificatePem, made.at],
  );
}

/** Deletes what was retired before an instant. @returns how many */
export async function deleteRetired(database: Database, { tenant, purpose }: KeyPairLine, before: Date) {
  const { rowCount } = await database.query(
    'delete from vault.key_pairs where tenant = $1 and purpose = $2 and retired_at < $3',
    [tenant, purpose, before],
  );
  return rowCount ?? 0;
}
