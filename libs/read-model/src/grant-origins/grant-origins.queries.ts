import type { Queryable } from '#libs/database';
import type { TenantInstant } from '../tenant-instant.js';

/** Whose grants, and up to which position of the sealed log facts count. */
export type KnownTenant = Pick<TenantInstant, 'tenant' | 'knownAt'>;

/** Who gave a grant. */
export interface GrantOrigin {
  readonly grant: string;
  readonly event: string;
  /** `kind:id`. */
  readonly givenBy: string;
  readonly at: Date;
  readonly position: number;
  /** Personal. */
  readonly reason: string | null;
}

/** Who gave each grant, by grant. @param grants at most 5,000 */
export async function grantOriginsOf(
  database: Queryable,
  { tenant, knownAt }: KnownTenant,
  grants: readonly string[],
): Promise<ReadonlyMap<string, GrantOrigin>> {
  if (grants.length === 0) return new Map();
  const { rows } = await database.query<GrantOrigin>({
    name: 'read_model.grant_origins',
    text: `select grant_id as "grant", event_id as event, given_by as "givenBy", at, position, reason
           from read_model.grant_origins_v1 where tenant = $1 and position <= $2::bigint and grant_id = any($3::uuid[])`,
    values: [tenant, knownAt, grants],
  });
  return new Map(rows.map((row) => [row.grant, row]));
}

/**
 * Accounts that approved of each grant, by grant, in the order in which they did: those whose approvals made it begin, or who let it go on.
 * @param grants at most 5,000
 */
export async function grantApprovalsOf(
  database: Queryable,
  { tenant, knownAt }: KnownTenant,
  grants: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  if (grants.length === 0) return new Map();
  const { rows } = await database.query<{ grant: string; by: string }>({
    name: 'read_model.grant_approvals',
    text: `select last.grant_id as "grant", a.by from read_model.grant_approvals_v1 last
           join read_model.grant_approvals_v1 a on a.tenant = last.tenant and a.elevation = last.elevation
             and (a.position = last.position or (a.grant_id is null and a.position < last.position and not exists (
               select 1 from read_model.grant_approvals_v1 begun where begun.tenant = a.tenant and begun.elevation = a.elevation
                 and begun.grant_id is not null and begun.position > a.position and begun.position < last.position)))
           where last.tenant = $1 and last.position <= $2::bigint and last.grant_id = any($3::uuid[])
           order by last.grant_id, a.position`,
    values: [tenant, knownAt, grants],
  });
  const byGrant = Map.groupBy(rows, ({ grant }) => grant);
  return new Map([...byGrant].map(([grant, approvals]) => [grant, [...new Set(approvals.map(({ by }) => by))]]));
}

/** Who ended a grant, or gave it an earlier end. */
export interface GrantEnd {
  readonly grant: string;
  readonly event: string;
  readonly position: number;
  /** As in `AccessRevoked`; `reduced` where a review gave it an earlier end. */
  readonly code: string;
  /** `kind:id`. */
  readonly endedBy: string;
  /** Exclusive. */
  readonly effectiveAt: Date;
  readonly at: Date;
  readonly decision: string | null;
  /** Personal. */
  readonly reason: string | null;
}

/** What ended each grant or gave it an earlier end, by grant, in the order of the log. @param grants at most 5,000 */
export async function grantEndsOf(
  database: Queryable,
  { tenant, knownAt }: KnownTenant,
  grants: readonly string[],
): Promise<ReadonlyMap<string, readonly GrantEnd[]>> {
  if (grants.length === 0) return new Map();
  const { rows } = await database.query<GrantEnd>({
    name: 'read_model.grant_ends',
    text: `select grant_id as "grant", event_id as event, position, code, ended_by as "endedBy", effective_at as "effectiveAt", at,
             decision, reason
           from read_model.grant_ends_v1 where tenant = $1 and position <= $2::bigint and grant_id = any($3::uuid[])
           order by grant_id, position`,
    values: [tenant, knownAt, grants],
  });
  return Map.groupBy(rows, ({ grant }) => grant);
}
