import type { Queryable } from '#libs/database';
import { Conditions } from '../conditions.js';
import { type Page, pageOf } from '../page.js';
import type { GrantRow } from './grants.table.js';

/** An instant and a state of knowledge. */
export interface KnownInstant {
  /** The instant asked about, ISO-8601 UTC. */
  readonly asOf: string;
  /** Position of the sealed log; what came later is not taken into account. */
  readonly knownAt: number;
}

/** Who held what. */
export interface AccessQuery extends KnownInstant {
  readonly tenant: string;
  readonly account?: string | undefined;
  readonly role?: string | undefined;
  /** The last grant of the page before. */
  readonly after?: { readonly grantedPosition: number; readonly grant: string } | undefined;
  /** 1–200. */
  readonly limit: number;
}

/** A grant with what its role and account were at the time. Instants as Dates. */
export type GrantRecord = Pick<
  GrantRow,
  | 'tenant'
  | 'account'
  | 'role'
  | 'source_kind'
  | 'source_connection'
  | 'source_connection_version'
  | 'source_rule'
  | 'source_rule_version'
  | 'source_actor'
  | 'granted_pos'
  | 'granted_event'
  | 'granted_evidence'
  | 'revoked_pos'
  | 'revoked_event'
  | 'revoked_evidence'
> & {
  readonly grant_id: string;
  readonly valid_from: Date;
  readonly valid_to: Date | null;
  readonly user_name: string | null;
  readonly application: string | null;
  readonly privileged: boolean | null;
};

const COLUMNS = `g.tenant, g.grant_id, g.account, g.role, g.source_kind, g.source_connection, g.source_connection_version,
  g.source_rule, g.source_rule_version, g.source_actor, g.valid_from, g.valid_to, g.granted_pos, g.granted_event,
  g.granted_evidence, g.revoked_pos, g.revoked_event, g.revoked_evidence, a.user_name, r.application, r.privileged`;

/** The account as it was then, and the role as it was when it was granted. */
const joins = (asOf: string, knownAt: string) => `
  left join lateral (
    select h.status, h.expires_at, h.user_name from read_model.account_history_v2 h
    where h.tenant = g.tenant and h.account = g.account and h.from_pos <= ${knownAt} and h.valid_from <= ${asOf}
    order by h.from_pos desc limit 1
  ) a on true
  left join read_model.roles_v1 r on r.tenant = g.tenant and r.role = g.role
    and r.from_pos <= g.granted_pos and (r.to_pos is null or g.granted_pos < r.to_pos)`;

/**
 * Grants that counted at an instant, as known at a position: begun, not ended, of accounts that were active and not past their end date.
 * In the order in which they were given. The answer for a pair (asOf, knownAt) never changes.
 */
export async function findAccess(database: Queryable, query: AccessQuery): Promise<Page<GrantRecord>> {
  const { tenant, account, role, after, limit } = query;
  const where = new Conditions();
  const asOf = `${where.value(query.asOf)}::timestamptz`;
  const knownAt = `${where.value(query.knownAt)}::bigint`;
  where
    .andEqual('g.tenant', tenant)
    .andEqual('g.account', account)
    .andEqual('g.role', role)
    .and(`g.from_pos <= ${knownAt} and (g.to_pos is null or ${knownAt} < g.to_pos)`)
    .and(`g.valid_from <= ${asOf} and (g.valid_to is null or ${asOf} < g.valid_to)`)
    .and(`a.status = 'active' and (a.expires_at is null or ${asOf} < a.expires_at)`);
  if (after)
    where.and(`(g.granted_pos, g.grant_id) > (${where.value(after.grantedPosition)}, ${where.value(after.grant)})`);
  const { rows } = await database.query<GrantRecord>(
    `select ${COLUMNS} from read_model.grants_v1 g ${joins(asOf, knownAt)}
     where ${where.text} order by g.granted_pos, g.grant_id limit ${where.value(limit + 1)}`,
    where.values,
  );
  return pageOf(rows, limit);
}

/**
 * One grant as known at a position, ended or not; its account's name is the newest one known then.
 * @param tenant null for whatever tenant it belongs to
 */
export async function findGrant(
  database: Queryable,
  tenant: string | null,
  grant: string,
  knownAt: number,
): Promise<GrantRecord | null> {
  const { rows } = await database.query<GrantRecord>({
    name: 'read_model.grant',
    text: `select ${COLUMNS} from read_model.grants_v1 g ${joins("'infinity'", '$3::bigint')}
           where ($1::text is null or g.tenant = $1) and g.grant_id = $2
             and g.from_pos <= $3::bigint and (g.to_pos is null or $3::bigint < g.to_pos) limit 1`,
    values: [tenant, grant, knownAt],
  });
  return rows[0] ?? null;
}
