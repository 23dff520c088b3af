import type { Queryable } from '#libs/database';
import { Conditions } from '../conditions.js';

/** Somebody whose sign-ins through a connection leave groups unknown, up to the last one. */
export interface UnknownGroups {
  readonly account: string;
  readonly connection: string;
  /** Sign-ins in a row without word of groups. */
  readonly signIns: number;
  /** The first of them. */
  readonly since: Date;
}

/** Whose groups are unknown for too long. */
export interface UnknownGroupsQuery {
  readonly tenant: string;
  /** Only theirs; absent: everybody's. */
  readonly accounts?: readonly string[] | undefined;
  /** Too long is so many sign-ins in a row … */
  readonly minSignIns: number;
  /** … or a row of them that began at this instant or earlier; ISO-8601 UTC. */
  readonly before: string;
  /** The last one of the page before. */
  readonly after?: Pick<UnknownGroups, 'account' | 'connection'> | undefined;
  readonly limit: number;
}

/** Active accounts whose groups a connection has left unknown for too long, by account and connection. Sign-ins that were taken back do not count. */
export async function unknownGroups(database: Queryable, query: UnknownGroupsQuery): Promise<UnknownGroups[]> {
  const where = new Conditions().andEqual('u.tenant', query.tenant).andAnyOf('u.account', 'uuid', query.accounts);
  const { after } = query;
  if (after)
    where.and(`(u.account, u.connection) > (${where.value(after.account)}::uuid, ${where.value(after.connection)})`);
  const { rows } = await database.query<UnknownGroups>(
    `select pair.account, pair.connection, run."signIns", run.since
     from (select u.tenant, u.account, u.connection from read_model.unknown_groups_v1 u where ${where.text}
           group by u.tenant, u.account, u.connection order by u.account, u.connection offset 0) pair
     cross join lateral (select from read_model.accounts_v1 a
       where a.tenant = pair.tenant and a.account = pair.account and a.status = 'active' limit 1) active
     cross join lateral (select (${LAST_KNOWN}) as at) known
     cross join lateral (${RUN}) run
     where (run."signIns" >= ${where.value(query.minSignIns)} or run.since <= ${where.value(query.before)}::timestamptz)
     order by pair.account, pair.connection limit ${where.value(query.limit)}`,
    where.values,
  );
  return rows;
}

const isTakenBack = (signIn: string) =>
  `exists (select 1 from read_model.sign_in_withdrawals_v1 w where w.evidence = ${signIn}.event_id)`;

/** The last sign-in of the pair that named groups, or said that there are none. */
const LAST_KNOWN = `
  select s.at from read_model.sign_ins_v1 s
  where s.tenant = pair.tenant and s.account = pair.account and s.connection = pair.connection and not ${isTakenBack('s')}
    and not exists (select 1 from read_model.unknown_groups_v1 n where n.event_id = s.event_id)
  order by s.at desc limit 1`;

/** The sign-ins of the pair since then. */
const RUN = `
  select count(*)::int as "signIns", min(u.at) as since from read_model.unknown_groups_v1 u
  where u.tenant = pair.tenant and u.account = pair.account and u.connection = pair.connection
    and (known.at is null or u.at > known.at) and not ${isTakenBack('u')}`;
