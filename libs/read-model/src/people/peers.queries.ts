import type { Queryable } from '#libs/database';

/** A role, and the people of one department with one title. */
export interface AskedPeers {
  readonly department: string;
  readonly title: string;
  readonly role: string;
}

/** How many of those people there are, and how many of them hold the role. */
export interface Peers extends AskedPeers {
  readonly peers: number;
  readonly holders: number;
}

/**
 * Counts peers who hold a role, for many at once: active accounts of the same department with the same title. Each is asked for once, however
 * often it is named.
 * @param query.now the instant at which roles are held, ISO-8601 UTC
 * @param query.asked at most 5,000; somebody without department or title has no peers and is not to be asked for
 */
export async function peersOf(
  database: Queryable,
  { tenant, now, asked }: { readonly tenant: string; readonly now: string; readonly asked: readonly AskedPeers[] },
): Promise<Peers[]> {
  if (asked.length === 0) return [];
  const { rows } = await database.query<PeersOfPair>({
    name: 'read_model.peers',
    text: PEERS,
    values: [tenant, now, JSON.stringify(asked.map(({ department, title, role }) => ({ department, title, role })))],
  });
  return rows.flatMap(({ department, title, roles, peers, holders }) =>
    roles.map((role) => ({ department, title, role, peers, holders: holders[role] ?? 0 })),
  );
}

interface PeersOfPair extends Omit<Peers, 'role' | 'holders'> {
  readonly roles: readonly string[];
  readonly holders: Readonly<Record<string, number>>;
}

/** People of a department with a title are looked up once, and so are their grants, whatever roles are asked for. */
const PEERS = `
  select pair.department, pair.title, pair.roles, who.peers, held.holders
  from (
    select department, title, array_agg(distinct role) as roles
    from jsonb_to_recordset($3::jsonb) q(department text, title text, role text) group by department, title) pair
  cross join lateral (
    select coalesce(array_agg(a.account), '{}') as accounts, count(*)::int as peers from (
      select * from read_model.accounts_v1 a
      where a.tenant || e'\\n' || a.department || e'\\n' || a.title = $1 || e'\\n' || pair.department || e'\\n' || pair.title
      offset 0) a
    where a.tenant = $1 and a.department = pair.department and a.title = pair.title
      and a.status = 'active' and (a.expires_at is null or $2::timestamptz < a.expires_at)) who
  cross join lateral (
    select coalesce(jsonb_object_agg(by_role.role, by_role.holders), '{}'::jsonb) as holders from (
      select g.role, count(distinct g.account)::int as holders
      from unnest(who.accounts) peer(account) cross join lateral (
        select g.account, g.role from read_model.grants_v1 g
        where g.tenant = $1 and g.account = peer.account and g.role = any(pair.roles) and g.to_pos is null
          and g.valid_from <= $2 and (g.valid_to is null or $2 < g.valid_to) offset 0) g
      group by g.role) by_role) held`;
