import type { Queryable } from '#libs/database';
import type { TenantInstant } from '../tenant-instant.js';

/** When somebody had last used an application, or a role of it. */
export interface LastRecordedUse {
  readonly account: string;
  readonly application: string;
  /** Null where the source speaks of the application as a whole. */
  readonly role: string | null;
  readonly source: string;
  readonly usedAt: Date;
}

/** The last use of every application and role by accounts up to an instant, as known at a position. @param accounts at most 5,000 */
export async function lastUsesAsOf(
  database: Queryable,
  { tenant, asOf, knownAt }: TenantInstant,
  accounts: readonly string[],
): Promise<LastRecordedUse[]> {
  if (accounts.length === 0) return [];
  const { rows } = await database.query<LastRecordedUse>({
    name: 'read_model.last_uses_as_of',
    text: `select distinct on (account, application, u.role) account, application, nullif(u.role, '') as role, source, used_at as "usedAt"
           from read_model.recorded_uses_v1 u
           where tenant = $1 and account = any($4::uuid[]) and used_at <= $2::timestamptz and position <= $3::bigint
           order by account, application, u.role, used_at desc, position desc`,
    values: [tenant, asOf, knownAt, accounts],
  });
  return rows;
}
