import type { Adapter, AdapterPayload } from 'oidc-provider';
import type { Database } from '#libs/database';
import type { Clock } from '#libs/kernel';
import type { Keyring } from '#libs/vault';
import { type FoundGrant, idHash } from './application-grants.js';

/** Models of the protocol that are worth something only under what an application was given. */
const UNDER_A_GRANT: ReadonlySet<string> = new Set(['Grant', 'AuthorizationCode', 'AccessToken', 'RefreshToken']);

/** What storing needs. */
export interface StoredItemsDependencies {
  readonly database: Database;
  readonly keyring: Pick<Keyring, 'wrap' | 'unwrap'>;
  readonly clock: Clock;
  /** Whether what an application was given is still good. Asked at every use of a code or token; what it throws, the use fails with. */
  readonly stands: (grant: FoundGrant) => Promise<boolean>;
  /** Ends what an application was given, since something of it was presented a second time. */
  readonly endReused: (grantHash: string) => Promise<void>;
  /** What a code or token is refused with that was used before: the protocol's own error. */
  readonly reused: () => Error;
}

interface ItemRow extends Partial<FoundGrant> {
  readonly id_hash: string;
  readonly wrapped: string;
  readonly consumed_at: Date | null;
}

/**
 * Keeps one model of the protocol in PostgreSQL, with short statements and without session state. Ids are stored as hashes and contents
 * encrypted, bound to their place. A code or token is found only while what its application was given stands: one statement reads it
 * together with the account's access epoch, so that a revocation is in force with the next use; a check that cannot be made throws.
 */
export function storedItems(model: string, dependencies: StoredItemsDependencies): Adapter {
  const { database, keyring, clock } = dependencies;
  const place = (hash: string) => `openid-provider/${model}/${hash}`;

  const found = async (column: 'id_hash' | 'uid_hash', value: string): Promise<AdapterPayload | undefined> => {
    const { rows } = await database.query<ItemRow>(selectBy(column), [model, idHash(value), clock.now()]);
    const [row] = rows;
    if (!row || !(await isGood(row, model, dependencies))) return undefined;
    const payload = JSON.parse(keyring.unwrap(row.wrapped, place(row.id_hash)).toString('utf8')) as AdapterPayload;
    return {
      ...payload,
      ...(column === 'id_hash' ? { jti: value } : {}),
      ...(row.consumed_at ? { consumed: Math.floor(row.consumed_at.getTime() / 1000) } : {}),
    };
  };

  return {
    async upsert(id, { jti: _own, ...payload }, expiresIn) {
      const hash = idHash(id);
      const grantId = model === 'Grant' ? id : payload.grantId;
      await database.query(UPSERT, [
        model,
        hash,
        payload.uid ? idHash(payload.uid) : null,
        grantId ? idHash(grantId) : null,
        keyring.wrap(Buffer.from(JSON.stringify(payload)), place(hash)),
        new Date(clock.now().getTime() + (expiresIn ?? 0) * 1000),
      ]);
    },
    find: (id) => found('id_hash', id),
    findByUid: (uid) => found('uid_hash', uid),
    findByUserCode: async () => undefined, // the device flow is off
    async consume(id) {
      const { rowCount } = await database.query(
        'update openid_provider.items set consumed_at = $3 where model = $1 and id_hash = $2 and consumed_at is null',
        [model, idHash(id), clock.now()],
      );
      // of two who present it at the same moment one came second: that is reuse, and nothing issued under the grant stays good
      if (rowCount === 0) await refuseReuse(dependencies, model, id);
    },
    async destroy(id) {
      await database.query('delete from openid_provider.items where model = $1 and id_hash = $2', [model, idHash(id)]);
    },
    async revokeByGrantId(grantId) {
      await database.query('delete from openid_provider.items where model = $1 and grant_hash = $2', [
        model,
        idHash(grantId),
      ]);
    },
  };
}

async function isGood(row: ItemRow, model: string, { stands }: StoredItemsDependencies): Promise<boolean> {
  if (!UNDER_A_GRANT.has(model)) return true;
  return row.grantHash ? stands(row as FoundGrant) : false;
}

async function refuseReuse(
  { database, endReused, reused }: StoredItemsDependencies,
  model: string,
  id: string,
): Promise<never> {
  const { rows } = await database.query<{ grant_hash: string | null }>(
    'select grant_hash from openid_provider.items where model = $1 and id_hash = $2',
    [model, idHash(id)],
  );
  if (rows[0]?.grant_hash) await endReused(rows[0].grant_hash);
  throw reused();
}

const UPSERT = `insert into openid_provider.items (model, id_hash, uid_hash, grant_hash, wrapped, expires_at)
  values ($1, $2, $3, $4, $5, $6)
  on conflict (model, id_hash) do update
     set uid_hash = excluded.uid_hash, grant_hash = excluded.grant_hash, wrapped = excluded.wrapped, expires_at = excluded.expires_at`;

const selectBy = (column: 'id_hash' | 'uid_hash') => `select i.id_hash, i.wrapped, i.consumed_at,
    g.grant_hash as "grantHash", g.tenant, g.account_id as account, g.client_id as client, g.connection, g.revision,
    g.sign_in_event as "signIn", g.terms, coalesce(e.revision, -1) as epoch
  from openid_provider.items i
  left join openid_provider.grants g on g.grant_hash = i.grant_hash and g.expires_at > $3 and g.ended_at is null
  left join identity.access_epochs e on e.tenant = g.tenant and e.account_id = g.account_id
 where i.model = $1 and i.${column} = $2 and i.expires_at > $3`;
