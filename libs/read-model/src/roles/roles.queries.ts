import type { Queryable } from '#libs/database';
import type { TenantInstant } from '../tenant-instant.js';
import { hasItsSuccessor } from '../version-chain.js';

/** A role of the catalogue as it was at an instant, as known at a position. */
export interface RoleAsOf {
  readonly role: string;
  /** `live` or `retired`. */
  readonly status: string;
  readonly application: string;
  readonly name: string;
  readonly privileged: boolean;
  readonly risk: string;
  readonly maxDuration: string | null;
  /** Personal: who answers for it, userName or verified e-mail address. */
  readonly owner: string | null;
  readonly managedBy: string;
}

/**
 * Roles as they were, by id; those that were not there yet, or are not known, are left out, and so are those whose history has a hole there.
 * A role's facts hold from when they are recorded.
 * @param roles at most 5,000
 */
export async function rolesAsOf(
  database: Queryable,
  { tenant, asOf, knownAt }: TenantInstant,
  roles: readonly string[],
): Promise<ReadonlyMap<string, RoleAsOf>> {
  if (roles.length === 0) return new Map();
  const { rows } = await database.query<RoleAsOf>({
    name: 'read_model.roles_as_of',
    text: `select asked.role, r.status, r.application, r.name, r.privileged, r.risk, r.max_duration as "maxDuration", r.owner,
             r.managed_by as "managedBy"
           from unnest($4::text[]) asked(role) cross join lateral (
             select r.* from read_model.roles_v1 r join read_model.events_v1 e on e.position = r.from_pos
             where r.tenant = $1 and r.role = asked.role and r.from_pos <= $3::bigint and e.recorded_at <= $2::timestamptz
             order by r.from_pos desc limit 1) r
           where ${hasItsSuccessor('read_model.roles_v1', { row: 'r', key: 'role', knownAt: '$3::bigint' })}`,
    values: [tenant, asOf, knownAt, roles],
  });
  return new Map(rows.map((row) => [row.role, row]));
}
