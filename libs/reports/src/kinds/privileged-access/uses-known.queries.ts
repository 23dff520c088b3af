import { OWN_SOURCE_OF_USE } from '#libs/contracts';
import type { Queryable } from '#libs/database';
import type { Question } from '../../question.js';

type Asked = Pick<Question, 'tenant' | 'asOf' | 'knownAt'>;

/** Uses that one statement looks at: some milliseconds on the embedded database. */
const USES_PER_STATEMENT = 5_000;

/** A place in the order of the primary key; two tenants have no position in common. */
interface UsePlace {
  readonly account: string;
  readonly application: string;
  readonly role: string;
  readonly position: number;
}

/** Comes before every use. */
const BEFORE_ALL: UsePlace = {
  account: '00000000-0000-0000-0000-000000000000',
  application: '',
  role: '',
  position: -1,
};

/** Counts the sign-ins to applications up to an instant that the read model knows as uses, a stretch of its table at a time. */
export async function countKnownApplicationSignIns(database: Queryable, asked: Asked): Promise<number> {
  let count = 0;
  for (let after: UsePlace | null = BEFORE_ALL; after !== null; ) {
    const stretch = await countStretch(database, asked, after);
    count += stretch.known;
    after = stretch.last;
  }
  return count;
}

/** `last` is null where nothing follows. */
async function countStretch(
  database: Queryable,
  { tenant, asOf, knownAt }: Asked,
  { account, application, role, position }: UsePlace,
): Promise<{ readonly known: number; readonly last: UsePlace | null }> {
  const { rows } = await database.query<UsePlace & { known: number | string }>({
    name: 'reports.known_application_sign_ins',
    text: `with stretch as materialized (
             select * from read_model.recorded_uses_v1
             where (account, application, role, position) > ($5::uuid, $6::text, $7::text, $8::bigint)
             order by account, application, role, position limit ${USES_PER_STATEMENT})
           select account, application, role, position,
             (select count(*) from stretch
              where tenant = $1 and used_at <= $2::timestamptz and position <= $3 and source = $4) as known
           from stretch order by stretch.account desc, stretch.application desc, stretch.role desc, stretch.position desc limit 1`,
    values: [tenant, asOf, knownAt, OWN_SOURCE_OF_USE, account, application, role, position],
  });
  const [last] = rows;
  return { known: Number(last?.known ?? 0), last: last ?? null };
}

/** A use that one event tells of. */
export interface ToldUse {
  readonly account: string;
  readonly application: string;
  /** Null for the application as a whole. */
  readonly role: string | null;
}

/** How many of the uses that one event tells of the read model knows; each counts once. */
export async function countKnownUses(
  database: Queryable,
  { tenant }: Pick<Asked, 'tenant'>,
  position: number,
  uses: readonly ToldUse[],
): Promise<number> {
  const { rows } = await database.query<{ known: number | string }>({
    name: 'reports.known_uses',
    text: `select count(*) as known from unnest($3::uuid[], $4::text[], $5::text[]) told(account, application, role)
           join read_model.recorded_uses_v1 u on u.account = told.account and u.application = told.application and u.role = told.role
             and u.position = $2 and u.tenant = $1`,
    values: [
      tenant,
      position,
      uses.map(({ account }) => account),
      uses.map(({ application }) => application),
      uses.map(({ role }) => role ?? ''),
    ],
  });
  return Number(rows[0]?.known);
}
