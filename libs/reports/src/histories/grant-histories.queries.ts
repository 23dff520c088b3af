import type { Queryable } from '#libs/database';
import type { Question } from '../question.js';

type Asked = Pick<Question, 'tenant' | 'knownAt'> & { readonly account?: string | undefined };

/** A condition on the account only where there is one, in a statement of its own: prepared for all, it would walk through all for one. */
const ofAccount = (name: string, account: string | undefined, place: string) =>
  account === undefined
    ? { name, whose: '', value: [] }
    : { name: `${name}_of_account`, whose: `and account = ${place}::uuid`, value: [account] };

/** Grants that one statement looks at, with every version of them: some milliseconds on the embedded database. */
const GRANTS_PER_STATEMENT = 1_000;

/** Counts the grants of which every version up to a position is there, a stretch at a time. @param query.account none: of all accounts */
export async function countWholeGrants(database: Queryable, query: Asked): Promise<number> {
  let count = 0;
  for (let after: number | null = -1; after !== null; ) {
    const through = await endOfStretch(database, query, after);
    count += await countWithin(database, query, after, through);
    after = through;
  }
  return count;
}

/** Stretches end between two events that give grants; null in the last one. */
async function endOfStretch(
  database: Queryable,
  { tenant, knownAt, account }: Asked,
  after: number,
): Promise<number | null> {
  const { name, whose, value } = ofAccount('reports.end_of_grant_histories', account, '$4');
  const { rows } = await database.query<{ position: number }>({
    name,
    text: `select granted_pos as position from read_model.grants_v1
           where tenant = $1 and granted_pos > $2::bigint and granted_pos <= $3::bigint ${whose}
           order by granted_pos, grant_id offset ${GRANTS_PER_STATEMENT} limit 1`,
    values: [tenant, after, knownAt, ...value],
  });
  return rows[0]?.position ?? null;
}

/** A history is whole where it begins with the giving, each version follows the one before, and the last is in force at the position. */
async function countWithin(
  database: Queryable,
  { tenant, knownAt, account }: Asked,
  after: number,
  through: number | null,
): Promise<number> {
  const { name, whose, value } = ofAccount('reports.whole_grant_histories', account, '$5');
  const { rows } = await database.query<{ whole: number | string }>({
    name,
    text: `select count(*) as whole from (
             select bool_and(linked) as whole from (
               select grant_id, coalesce(lag(to_pos) over versions, granted_pos) = from_pos
                 and (lead(from_pos) over versions is not null or to_pos is null or $3::bigint < to_pos) as linked
               from read_model.grants_v1
               where tenant = $1 and granted_pos > $2::bigint and granted_pos <= coalesce($4::bigint, $3::bigint)
                 and from_pos <= $3::bigint ${whose}
               window versions as (partition by grant_id order by from_pos)) v group by grant_id) g where whole`,
    values: [tenant, after, knownAt, through, ...value],
  });
  return Number(rows[0]?.whole);
}
