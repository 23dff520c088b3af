import type { Queryable } from '#libs/database';
import { accountIsCurrent } from '#libs/read-model';
import type { Question } from '../../question.js';
import { narrowed, narrowing } from '../access/grant-walk.queries.js';

/** How many grants of a role counted at the two ends of a period. */
export interface RoleTotals {
  readonly role: string;
  readonly opening: number;
  readonly closing: number;
}

/** Grants that one statement counts. */
const STRETCH = 2_000;

/** Counts grants at both ends of the period from what stood then, and not from what changed in between, a stretch at a time. */
export async function totalsByRole(database: Queryable, question: Question): Promise<readonly RoleTotals[]> {
  const totals = new Map<string, { opening: number; closing: number }>();
  for (let after: number | null = -1; after !== null; ) {
    const through = await endOfStretch(database, question, after);
    for (const { role, opening, closing } of await totalsWithin(database, question, after, through)) {
      const sum = totals.get(role) ?? { opening: 0, closing: 0 };
      totals.set(role, { opening: sum.opening + opening, closing: sum.closing + closing });
    }
    after = through;
  }
  return [...totals].map(([role, sums]) => ({ role, ...sums }));
}

/** Position at which a stretch of grants that one statement looks at ends, always between two events; null in the last one. */
export async function endOfStretch(
  database: Queryable,
  { tenant, knownAt, filter }: Question,
  after: number,
): Promise<number | null> {
  const { rows } = await database.query<{ position: number }>(
    `select granted_pos as position from read_model.grants_v1
     where tenant = $1 and granted_pos > $2::bigint and granted_pos <= $3::bigint ${narrowed(filter, 4)}
     order by granted_pos, grant_id offset ${STRETCH} limit 1`,
    [tenant, after, knownAt, ...narrowing(filter)],
  );
  return rows[0]?.position ?? null;
}

async function totalsWithin(
  database: Queryable,
  { tenant, knownAt, from, asOf, filter }: Question,
  after: number,
  through: number | null,
): Promise<readonly RoleTotals[]> {
  const { rows } = await database.query<RoleTotals>(
    `select g.role, count(*) filter (where ${counted('g', 'opening', '$5')})::int as opening,
       count(*) filter (where ${counted('g', 'closing', '$6')})::int as closing
     from read_model.grants_v1 g
     left join lateral (${accountAt('$5')}) opening on true
     left join lateral (${accountAt('$6')}) closing on true
     where g.tenant = $1 and g.granted_pos > $2::bigint and g.granted_pos <= coalesce($3::bigint, $4::bigint)
       and g.from_pos <= $4::bigint and (g.to_pos is null or $4::bigint < g.to_pos)
       and ($7::text is null or g.source_connection = $7) ${narrowed(filter, 8)}
     group by g.role order by g.role`,
    [tenant, after, through, knownAt, from, asOf, filter.connection ?? null, ...narrowing(filter)],
  );
  return rows;
}

/** A period without a beginning has nothing at its beginning: no instant is before no instant. */
const counted = (grant: string, account: string, at: string) =>
  `${grant}.valid_from <= ${at}::timestamptz and (${grant}.valid_to is null or ${at}::timestamptz < ${grant}.valid_to)
   and ${account}.status = 'active' and (${account}.expires_at is null or ${at}::timestamptz < ${account}.expires_at)`;

const accountAt = (at: string) =>
  `select h.status, h.expires_at from (
     select * from read_model.account_history_v2 h
     where h.tenant = g.tenant and h.account = g.account and h.from_pos <= $4::bigint and h.valid_from <= ${at}::timestamptz
     order by h.from_pos desc limit 1) h where ${accountIsCurrent('$4::bigint')}`;
