import type { Queryable } from '#libs/database';
import type { IdentityKey, KeyKind } from './identity-key.js';
import type { HeldKey } from './resolution.js';

/** Unique violation and deadlock: somebody else claimed one of the keys at the same time. */
const LOST_RACE: ReadonlySet<string> = new Set(['23505', '40P01']);

/** On whose behalf keys are claimed. */
export interface Claimant {
  readonly tenant: string;
  readonly accountId: string;
  readonly commandId: string;
  readonly at: Date;
}

/** A held key with its place, so that a claim can be renewed. */
export interface HeldRow extends HeldKey {
  /** Directory in which its account lives; null while the account is not known. */
  readonly home: string | null;
  readonly directory: string;
  readonly hmac: string;
}

/** Reads who holds keys; free ones are absent. One statement, by primary key. */
export async function readHolders(
  database: Queryable,
  tenant: string,
  keys: readonly IdentityKey[],
): Promise<HeldRow[]> {
  const { rows } = await database.query<HeldRow & { kind: KeyKind }>({
    name: 'identity-holders',
    text: `select k.directory, k.kind, k.key_hmac as hmac, k.account_id as "accountId", k.confirmed, k.claimed_at as "claimedAt",
            (select a.directory from identity.accounts a where a.tenant = k.tenant and a.account_id = k.account_id) as home,
            array(select distinct o.kind from identity.keys o
                   where o.tenant = k.tenant and o.account_id = k.account_id and o.confirmed) as "accountKinds"
       from unnest($2::text[], $3::text[], $4::text[]) as w(directory, kind, hmac)
       join identity.keys k on (k.tenant, k.directory, k.kind, k.key_hmac) = ($1, w.directory, w.kind, w.hmac)`,
    values: [tenant, ...columnsOf(keys)],
  });
  return rows.map((row) => ({ ...row, known: row.home !== null }));
}

/**
 * Claims free keys, all or none.
 * @returns false when another request got hold of one of them meanwhile: read again and decide again
 */
export async function insertClaims(
  database: Queryable,
  keys: readonly IdentityKey[],
  claimant: Claimant,
): Promise<boolean> {
  const { tenant, accountId, commandId, at } = claimant;
  try {
    await database.query({
      name: 'identity-claim',
      text: `insert into identity.keys (tenant, directory, kind, key_hmac, account_id, command_id, claimed_at, confirmed)
       select $1, directory, kind, hmac, $5, $6, $7, false from unnest($2::text[], $3::text[], $4::text[]) as w(directory, kind, hmac)`,
      values: [tenant, ...columnsOf(inLockOrder(keys)), accountId, commandId, at],
    });
    return true;
  } catch (error) {
    if (LOST_RACE.has((error as { code?: string }).code ?? '')) return false;
    throw error;
  }
}

/**
 * Renews claims, so that the sweep does not take them from a request that is about to complete them.
 * @returns false when one of them is gone or was confirmed meanwhile: read again and decide again
 */
export async function renewClaims(
  database: Queryable,
  keys: readonly IdentityKey[],
  claimant: Claimant,
): Promise<boolean> {
  const { tenant, accountId, at } = claimant;
  const { rowCount } = await database.query(
    `update identity.keys k set claimed_at = $6
       from unnest($2::text[], $3::text[], $4::text[]) as w(directory, kind, hmac)
      where (k.tenant, k.directory, k.kind, k.key_hmac) = ($1, w.directory, w.kind, w.hmac) and k.account_id = $5 and not k.confirmed`,
    [tenant, ...columnsOf(keys), accountId, at],
  );
  return rowCount === keys.length;
}

/** Frees claims that nobody completed. @returns how many */
export async function deleteStaleClaims(database: Queryable, claimedBefore: Date): Promise<number> {
  const { rowCount } = await database.query('delete from identity.keys where not confirmed and claimed_at < $1', [
    claimedBefore,
  ]);
  return rowCount ?? 0;
}

const columnsOf = (keys: readonly IdentityKey[]) => [
  keys.map(({ directory }) => directory),
  keys.map(({ kind }) => kind),
  keys.map(({ hmac }) => hmac),
];

/** The same order in every process: requests for the same keys queue up instead of waiting for each other in a circle. */
const inLockOrder = (keys: readonly IdentityKey[]) => keys.toSorted((a, b) => compare(orderOf(a), orderOf(b)));
const orderOf = ({ directory, kind, hmac }: IdentityKey) => `${kind} ${hmac} ${directory}`;
const compare = (a: string, b: string) => (a < b ? -1 : Number(a > b));
