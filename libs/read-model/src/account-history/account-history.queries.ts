import type { Queryable } from '#libs/database';
import type { TenantInstant } from '../tenant-instant.js';
import { hasItsSuccessor } from '../version-chain.js';

/** An account as it was at an instant, as known at a position. */
export interface AccountAsOf {
  readonly account: string;
  readonly directory: string;
  readonly kind: string;
  readonly status: string;
  /** Exclusive end of every status; null for none. */
  readonly expiresAt: Date | null;
  /** Personal, as everything below up to `manager`. */
  readonly sponsor: string | null;
  readonly userName: string;
  readonly displayName: string | null;
  readonly email: string | null;
  readonly employeeNumber: string | null;
  readonly employeeType: string | null;
  readonly title: string | null;
  readonly department: string | null;
  readonly manager: string | null;
  /** The connection that made it; null when made by hand. */
  readonly sourceConnection: string | null;
  readonly provisionedPosition: number;
  /** Since when it was like this. */
  readonly validFrom: Date;
}

/** Columns of a row `h` of the history. */
export const HISTORY_COLUMNS = `h.account, h.directory, h.kind, h.status, h.expires_at as "expiresAt", h.sponsor, h.user_name as "userName",
  h.display_name as "displayName", h.email, h.employee_number as "employeeNumber", h.employee_type as "employeeType", h.title, h.department,
  h.manager, h.source_connection as "sourceConnection", h.provisioned_pos as "provisionedPosition", h.valid_from as "validFrom"`;

/** Condition on a row `h` of the history: nothing that followed it by a position is lost. @param knownAt expression of the position */
export const accountIsCurrent = (knownAt: string): string =>
  hasItsSuccessor('read_model.account_history_v2', { row: 'h', key: 'account', knownAt });

/**
 * Accounts as they were, by id; those that were not there yet, or are not known, are left out, and so are those whose history has a hole
 * there: what was the case before it need not have stayed so.
 * @param accounts at most 5,000
 */
export async function accountsAsOf(
  database: Queryable,
  { tenant, asOf, knownAt }: TenantInstant,
  accounts: readonly string[],
): Promise<ReadonlyMap<string, AccountAsOf>> {
  if (accounts.length === 0) return new Map();
  const { rows } = await database.query<AccountAsOf>({
    name: 'read_model.accounts_as_of',
    text: `select ${HISTORY_COLUMNS} from unnest($4::uuid[]) asked(account) cross join lateral (
             select * from read_model.account_history_v2 h
             where h.tenant = $1 and h.account = asked.account and h.from_pos <= $3::bigint and h.valid_from <= $2::timestamptz
             order by h.from_pos desc limit 1) h
           where ${accountIsCurrent('$3::bigint')}`,
    values: [tenant, asOf, knownAt, accounts],
  });
  return new Map(rows.map((row) => [row.account, row]));
}

/** An account's status from an instant on. */
export interface AccountStatusSince {
  readonly account: string;
  readonly status: string;
  readonly expiresAt: Date | null;
  readonly since: Date;
  /** Position of the event that made it so. */
  readonly position: number;
}

/**
 * How the status of accounts went, by account and in order, as known at a position: only rows that change it. Accounts whose history has a
 * hole anywhere are left out.
 * @param accounts at most 5,000
 */
export async function accountStatuses(
  database: Queryable,
  { tenant, knownAt }: Pick<TenantInstant, 'tenant' | 'knownAt'>,
  accounts: readonly string[],
): Promise<ReadonlyMap<string, readonly AccountStatusSince[]>> {
  if (accounts.length === 0) return new Map();
  const { rows } = await database.query<AccountStatusSince>({
    name: 'read_model.account_statuses',
    text: `select account, status, expires_at as "expiresAt", valid_from as since, from_pos as position
           from (select h.*, bool_and(linked) over (partition by account) as whole from (
                   select h.*, lag(h.status) over versions as before,
                     coalesce(lag(h.to_pos) over versions, h.provisioned_pos) = h.from_pos
                       and (lead(h.from_pos) over versions is not null or h.to_pos is null or $2::bigint < h.to_pos) as linked
                   from read_model.account_history_v2 h
                   where h.tenant = $1 and h.account = any($3::uuid[]) and h.from_pos <= $2::bigint
                   window versions as (partition by h.account order by h.from_pos)) h) h
           where whole and before is distinct from status order by account, from_pos`,
    values: [tenant, knownAt, accounts],
  });
  return Map.groupBy(rows, ({ account }) => account);
}
