import type { Queryable } from '#libs/database';
import { DomainError } from '#libs/kernel';
import { Conditions } from '../conditions.js';
import { type Page, pageOf } from '../page.js';
import type { AccountRow } from './accounts.table.js';

/** Which accounts. Texts are compared as whole and without regard to case; `q` is part of a user name, display name or e-mail. */
export interface AccountFilter {
  readonly tenant: string;
  readonly directory?: string | undefined;
  readonly status?: string | undefined;
  readonly kind?: string | undefined;
  readonly userName?: string | undefined;
  readonly email?: string | undefined;
  readonly q?: string | undefined;
}

/** A page of a list of accounts. */
export interface AccountListQuery extends AccountFilter {
  /** Whether the caller may see personal data, and so search by it. */
  readonly personal: boolean;
  /** The instant at which roles are held, ISO-8601 UTC. */
  readonly now: string;
  /** `provisioned_pos` of the last account of the page before. */
  readonly after?: number | undefined;
  /**
   * Position that the read model has reached: accounts made later are left out, since others made before them may not be here yet, and
   * the next page would pass them over.
   */
  readonly through: number;
  /** 1–200. */
  readonly limit: number;
}

/** An account with what belongs to it. Instants as Dates. */
export type AccountRecord = Omit<AccountRow, 'expires_at' | 'provisioned_at'> & {
  readonly expires_at: Date | null;
  readonly provisioned_at: Date;
  readonly last_sign_in_at: Date | null;
  readonly manager_account: string | null;
  /** Ids of the roles held at the instant asked about, in alphabetical order. */
  readonly roles: readonly string[];
  /** A fact about the account could not be taken in, so what is shown may be out of date. */
  readonly degraded: boolean;
};

/** A search by personal data, by somebody who may not see it: the answer would tell. */
export class PersonalSearchError extends DomainError {
  readonly code = 'personal-read-required';
  readonly kind = 'forbidden';
  constructor() {
    super('Searching by userName, email or q needs the scope personal:read, since the answer tells who somebody is.');
  }
}

/** `$1` is the instant at which roles are held. */
const SELECT = `
  select a.*, s.at as last_sign_in_at, m.account as manager_account, coalesce(h.roles, '{}') as roles,
    exists (select 1 from read_model.parked p where p.tenant = a.tenant and p.account = a.account) as degraded
  from read_model.accounts_v1 a
  left join lateral (
    select at from read_model.sign_ins_v1 s
    where s.tenant = a.tenant and s.account = a.account
      and not exists (select 1 from read_model.sign_in_withdrawals_v1 w where w.evidence = s.event_id)
    order by s.at desc limit 1
  ) s on true
  left join lateral (
    select array_agg(distinct g.role order by g.role) as roles from read_model.grants_v1 g
    where a.status = 'active' and (a.expires_at is null or $1::timestamptz < a.expires_at)
      and g.tenant = a.tenant and g.account = a.account and g.to_pos is null
      and g.valid_from <= $1::timestamptz and (g.valid_to is null or $1::timestamptz < g.valid_to)
  ) h on true
  left join lateral (${managerOf()}) m on true`;

/**
 * The account that a manager value names: matched on externalId, employeeNumber, userName, then e-mail; within the first that matches, the
 * account's own directory comes first. Several equal matches name nobody. Looked up at every read, so that it follows people who appear later.
 */
function managerOf(): string {
  const matched = (rank: number, condition: string) =>
    `select m.account, ${rank} as rank, (m.directory <> a.directory)::int as elsewhere
     from read_model.accounts_v1 m where m.tenant = a.tenant and ${condition}`;
  const candidates = [
    matched(1, 'm.external_id = a.manager'),
    matched(2, 'm.employee_number = a.manager'),
    matched(3, 'lower(m.user_name) = lower(a.manager)'),
    matched(4, 'lower(m.email) = lower(a.manager)'),
  ];
  return `select case when count(*) = 1 then min(account::text)::uuid end as account
    from (select account, rank() over (order by rank, elsewhere) as place from (${candidates.join(' union all ')}) c) best
    where best.place = 1`;
}

/**
 * Accounts in the order in which they were made.
 * @throws {PersonalSearchError} when a search by personal data comes from somebody who may not see it
 */
export async function listAccounts(database: Queryable, query: AccountListQuery): Promise<Page<AccountRecord>> {
  const { tenant, directory, status, kind, userName, email, q, after, through, limit } = query;
  if (!query.personal && [userName, email, q].some((text) => text !== undefined)) throw new PersonalSearchError();
  const where = new Conditions();
  where.value(query.now);
  where
    .andEqual('a.tenant', tenant)
    .andEqual('a.directory', directory)
    .andEqual('a.status', status)
    .andEqual('a.kind', kind)
    .andIf(userName, (place) => `lower(a.user_name) = lower(${place})`)
    .andIf(email, (place) => `lower(a.email) = lower(${place})`)
    .andIf(q && `%${escapeLike(q)}%`, (place) => `concat_ws(' ', a.user_name, a.display_name, a.email) ilike ${place}`)
    .andIf(after, (place) => `a.provisioned_pos > ${place}`)
    .andIf(through, (place) => `a.provisioned_pos <= ${place}`);
  const { rows } = await database.query<AccountRecord>(
    `${SELECT} where ${where.text} order by a.provisioned_pos limit ${where.value(limit + 1)}`,
    where.values,
  );
  return pageOf(rows, limit);
}

/**
 * One account.
 * @param query.tenant null for whatever tenant it belongs to
 * @param query.now the instant at which roles are held, ISO-8601 UTC
 */
export async function findAccount(
  database: Queryable,
  { tenant, account, now }: { readonly tenant: string | null; readonly account: string; readonly now: string },
): Promise<AccountRecord | null> {
  const { rows } = await database.query<AccountRecord>({
    name: 'read_model.account',
    text: `${SELECT} where ($2::text is null or a.tenant = $2) and a.account = $3 limit 1`,
    values: [now, tenant, account],
  });
  return rows[0] ?? null;
}

/** Signs that mean something in a pattern stand for themselves. */
const escapeLike = (text: string) => text.replaceAll(/[\\%_]/g, '\\$&');
