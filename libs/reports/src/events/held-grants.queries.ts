import type { Queryable } from '#libs/database';

/** An account at an instant, as known at a position. */
export interface AccountMoment {
  readonly account: string;
  /** ISO-8601 UTC. */
  readonly at: string;
  readonly position: number;
}

/** A grant that had begun and not ended at such a moment. */
export interface HeldGrant {
  readonly account: string;
  /** Of the moment. */
  readonly position: number;
  readonly grant: string;
  readonly role: string;
}

/** Most moments that one statement is given. */
const MOMENTS_PER_STATEMENT = 200;

/**
 * Finds the grants that accounts held, each at its own moment, in the order in which they were given. An account past its end holds none;
 * whether it was active plays no part.
 */
export async function heldGrants(
  database: Queryable,
  tenant: string,
  moments: readonly AccountMoment[],
): Promise<readonly HeldGrant[]> {
  const held: HeldGrant[] = [];
  for (let at = 0; at < moments.length; at += MOMENTS_PER_STATEMENT) {
    const some = moments.slice(at, at + MOMENTS_PER_STATEMENT);
    const { rows } = await database.query<HeldGrant>({
      name: 'reports.held_grants',
      text: `select w.account, w.position, g.grant_id as grant, g.role
             from unnest($2::uuid[], $3::timestamptz[], $4::bigint[]) w(account, at, position)
             join read_model.grants_v1 g on g.tenant = $1 and g.account = w.account
               and g.from_pos <= w.position and (g.to_pos is null or w.position < g.to_pos)
               and g.valid_from <= w.at and (g.valid_to is null or w.at < g.valid_to)
             where not exists (
               select 1 from read_model.account_history_v2 h
               where h.tenant = $1 and h.account = w.account and h.from_pos <= w.position and h.expires_at <= w.at)
             order by w.position, g.granted_pos, g.grant_id`,
      values: [
        tenant,
        some.map(({ account }) => account),
        some.map(({ at: on }) => on),
        some.map((one) => one.position),
      ],
    });
    held.push(...rows.map((row) => ({ ...row, position: Number(row.position) })));
  }
  return held;
}

/** Where a grant came from. Instants as Dates. */
export interface GrantOrigin {
  readonly grant: string;
  readonly source_kind: string;
  readonly source_connection: string | null;
  readonly source_rule: string | null;
  readonly source_rule_version: number | null;
  readonly source_actor: string | null;
  readonly valid_from: Date;
  readonly granted_event: string;
}

/** Most grants that one statement looks up. */
const GRANTS_PER_STATEMENT = 1_000;

/** Looks up grants as known at a position; those that are not known then are left out. */
export async function originsOf(
  database: Queryable,
  { tenant, knownAt }: { readonly tenant: string; readonly knownAt: number },
  grants: readonly string[],
): Promise<ReadonlyMap<string, GrantOrigin>> {
  const wanted = [...new Set(grants)];
  const found = new Map<string, GrantOrigin>();
  for (let at = 0; at < wanted.length; at += GRANTS_PER_STATEMENT) {
    const { rows } = await database.query<GrantOrigin>({
      name: 'reports.grant_origins',
      text: `select grant_id as grant, source_kind, source_connection, source_rule, source_rule_version, source_actor, valid_from,
                    granted_event
             from read_model.grants_v1
             where tenant = $1 and grant_id = any($3::uuid[]) and from_pos <= $2 and (to_pos is null or $2 < to_pos)`,
      values: [tenant, knownAt, wanted.slice(at, at + GRANTS_PER_STATEMENT)],
    });
    for (const row of rows) found.set(row.grant, row);
  }
  return found;
}
