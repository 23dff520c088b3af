import { OWN_SOURCE_OF_USE } from '#libs/contracts';
import type { Queryable } from '#libs/database';

/** Accounts of a tenant, at most 5,000. */
export interface SomeAccounts {
  readonly tenant: string;
  readonly accounts: readonly string[];
}

/** When accounts last signed in, by account; those that never did are left out. A sign-in that the account turned away does not count. */
export async function lastSignIns(
  database: Queryable,
  { tenant, accounts }: SomeAccounts,
): Promise<ReadonlyMap<string, Date>> {
  const { rows } = await database.query<{ account: string; at: Date }>({
    name: 'read_model.last_sign_ins_of',
    text: `select asked.account, s.at from unnest($2::uuid[]) asked(account) cross join lateral (${LAST_SIGN_IN}) s`,
    values: [tenant, accounts],
  });
  return new Map(rows.map(({ account, at }) => [account, at]));
}

const LAST_SIGN_IN = `
  select s.at from read_model.sign_ins_v1 s
  where s.tenant = $1 and s.account = asked.account
    and not exists (select 1 from read_model.sign_in_withdrawals_v1 w where w.evidence = s.event_id)
  order by s.at desc limit 1`;

/** When somebody last used an application, or a role of it, as one source says. */
export interface LastUse {
  readonly account: string;
  readonly application: string;
  /** Null where the source speaks of the application as a whole. */
  readonly role: string | null;
  /** `op` for a sign-in to the application through Gatebook, else the name that the source gives itself. */
  readonly source: string;
  /** Day in UTC, `YYYY-MM-DD`. */
  readonly usedOn: string;
}

/** The last use of every application by accounts, as each source says. */
export async function lastUses(database: Queryable, { tenant, accounts }: SomeAccounts): Promise<LastUse[]> {
  const { rows } = await database.query<LastUse>({
    name: 'read_model.last_uses',
    text: `select account, application, nullif(role, '') as role, source, max(used_on)::text as "usedOn" from read_model.uses_v1
           where tenant = $1 and account = any($2::uuid[])
           group by account, application, uses_v1.role, source order by account, application, uses_v1.role, source`,
    values: [tenant, accounts],
  });
  return rows;
}

/** That a source speaks of the use of an application, or of a role of it. */
export interface SourceOfUse extends Omit<LastUse, 'account' | 'usedOn'> {
  /** The day in UTC, `YYYY-MM-DD`, on which it began to speak of it; after it was silent for too long, the day on which it began anew. */
  readonly since: string;
  /** The last day on which it spoke of anything; null for `op`, which knows of every use without being told. */
  readonly until: string | null;
}

/**
 * Which sources speak of the use of which applications. Of an application without any, nobody knows whether it is used; of one with, only
 * what happened from the day on which its source began to speak to the last on which it did, however old the uses of which it told.
 * @param query.silentAfterDays a source that said nothing for more days had fallen silent, and what happened meanwhile is not known
 */
export async function sourcesOfUse(
  database: Queryable,
  { tenant, silentAfterDays }: { readonly tenant: string; readonly silentAfterDays: number },
): Promise<SourceOfUse[]> {
  const { rows } = await database.query<SourceOfUse>({
    name: 'read_model.sources_of_use',
    text: SOURCES_OF_USE,
    values: [tenant, silentAfterDays, OWN_SOURCE_OF_USE],
  });
  return rows;
}

const SOURCES_OF_USE = `
  with days as (select distinct source, told_on from read_model.use_sources_v2 where tenant = $1),
  gaps as (select source, told_on, told_on - lag(told_on) over (partition by source order by told_on) as days from days),
  spans as (
    select source, max(told_on) filter (where gaps.days is null or (gaps.days > $2::int and source <> $3)) as since,
           case when source <> $3 then max(told_on) end as until
    from gaps group by source
  )
  select s.application, nullif(s.role, '') as role, s.source, min(s.told_on)::text as since, max(spans.until)::text as until
  from read_model.use_sources_v2 s join spans on spans.source = s.source and s.told_on >= spans.since
  where s.tenant = $1
  group by s.application, s.role, s.source order by s.application, s.role, s.source`;
