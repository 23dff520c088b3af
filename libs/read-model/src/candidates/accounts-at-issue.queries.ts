import type { Queryable } from '#libs/database';
import type { Scan } from '../page.js';
import { ORPHANHOOD, orphanSources, type SourceTrouble } from './orphan-sources.js';
import { type AccountScanQuery, scanAccounts } from './scan-accounts.js';

/** An account that somebody should look at. */
interface AccountAtIssue {
  readonly account: string;
  readonly kind: string;
}

/** An account that nobody has signed in to for long. */
export interface DormantAccount extends AccountAtIssue {
  /** Null where nobody ever has. */
  readonly lastSignInAt: Date | null;
  /**
   * The latest of the last sign-in, the making of the account, its reactivation, and its taking over of another one: whoever used that one
   * goes on with this one, and has had no time yet to sign in to it.
   */
  readonly since: Date;
}

/** Active accounts to which nobody has signed in since an instant. @param query.before inclusive, ISO-8601 UTC */
export function dormantAccounts(
  database: Queryable,
  query: AccountScanQuery & { readonly before: string },
): Promise<Scan<DormantAccount>> {
  return scanAccounts(database, query, {
    name: 'dormant',
    joins: `
      left join lateral (
        select s.at from read_model.sign_ins_v1 s where s.tenant = a.tenant and s.account = a.account
          and not exists (select 1 from read_model.sign_in_withdrawals_v1 w where w.evidence = s.event_id)
        order by s.at desc limit 1) last on true
      left join lateral (
        select h.valid_from as at from read_model.account_history_v2 h
        join read_model.account_history_v2 b on b.tenant = h.tenant and b.account = h.account and b.to_pos = h.from_pos
        where h.tenant = a.tenant and h.account = a.account and h.status = 'active' and b.status = 'deactivated'
        order by h.from_pos desc limit 1) back on true
      cross join lateral (select greatest(last.at, back.at, a.provisioned_at) as since) alone
      left join lateral (
        select e.recorded_at as at from read_model.events_v1 e
        where e.account = a.account and e.tenant = a.tenant and e.type = 'AccountAbsorbed' and alone.since <= $5::timestamptz
        order by e.position desc limit 1) taken on true
      cross join lateral (select greatest(alone.since, taken.at) as since) quiet`,
    columns: 'a.account, a.kind, last.at as "lastSignInAt", quiet.since',
    condition: 'quiet.since <= $5::timestamptz',
    values: [query.before],
  });
}

/** An account whose every source is gone, disabled or silent. */
export interface OrphanAccount extends AccountAtIssue {
  /** What is wrong with the best of its sources. */
  readonly code: SourceTrouble;
  readonly connection: string;
}

/** Active accounts without a source that vouches for them. @param query.silentBefore a source last heard of before this is silent, ISO-8601 UTC */
export function orphanAccounts(
  database: Queryable,
  query: AccountScanQuery & { readonly silentBefore: string },
): Promise<Scan<OrphanAccount>> {
  return scanAccounts(database, query, {
    name: 'orphans',
    with: `${orphanSources('$1', '$5')}, `,
    joins: `cross join lateral (${ORPHANHOOD}) o`,
    columns: 'a.account, a.kind, o.code, o.connection',
    condition: 'o.orphan',
    values: [query.silentBefore],
  });
}

/** An account that is not a person's, and for which nobody answers or which never ends. */
export interface UnsponsoredAccount extends AccountAtIssue {
  readonly missing: readonly ('sponsor' | 'end')[];
}

/** Active service, external and break-glass accounts without sponsor or end. */
export function unsponsoredAccounts(database: Queryable, query: AccountScanQuery): Promise<Scan<UnsponsoredAccount>> {
  return scanAccounts(database, query, {
    name: 'unsponsored',
    joins: '',
    columns: `a.account, a.kind, array_remove(array[case when a.sponsor is null then 'sponsor' end,
      case when a.expires_at is null then 'end' end], null) as missing`,
    condition: `a.kind in ('service', 'external', 'breakGlass') and (a.sponsor is null or a.expires_at is null)`,
    values: [],
  });
}

/** An account with the name of its manager. */
export interface ManagedAccount extends AccountAtIssue {
  readonly directory: string;
  /** As the source says it; personal. */
  readonly manager: string;
}

/** Active accounts that say who their manager is. Whether that name leads to anybody is for whoever looks people up to tell. */
export function managedAccounts(database: Queryable, query: AccountScanQuery): Promise<Scan<ManagedAccount>> {
  return scanAccounts(database, query, {
    name: 'managed',
    joins: '',
    columns: 'a.account, a.kind, a.directory, a.manager',
    condition: 'a.manager is not null',
    values: [],
  });
}
