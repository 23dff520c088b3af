import type { Queryable } from '#libs/database';
import type { Question } from '../question.js';

/** A grant that stood at an instant, whatever became of its account. */
export interface StandingGrant {
  readonly grant: string;
  readonly account: string;
  readonly role: string;
  readonly source_kind: string;
  readonly source_connection: string | null;
  readonly source_rule: string | null;
  readonly source_rule_version: number | null;
  readonly source_actor: string | null;
  readonly valid_from: Date;
  readonly granted_pos: number;
  readonly granted_event: string;
}

type Asked = Pick<Question, 'tenant' | 'asOf' | 'knownAt'>;

const STANDING = `g.tenant = $1 and g.valid_from <= $2::timestamptz and (g.valid_to is null or $2::timestamptz < g.valid_to)
  and g.from_pos <= $3::bigint and (g.to_pos is null or $3::bigint < g.to_pos)`;

const COLUMNS = `g.grant_id as "grant", g.account, g.role, g.source_kind, g.source_connection, g.source_rule, g.source_rule_version,
  g.source_actor, g.valid_from, g.granted_pos, g.granted_event`;

/** Grants of accounts that stood at the instant of the question, in the order in which they were given. @param roles none: whatever the role */
export async function standingGrantsOf(
  database: Queryable,
  { tenant, asOf, knownAt }: Asked,
  accounts: readonly string[],
  roles?: readonly string[],
): Promise<StandingGrant[]> {
  if (accounts.length === 0) return [];
  const { rows } = await database.query<StandingGrant>({
    name: 'reports.standing_grants_of',
    text: `select ${COLUMNS} from read_model.grants_v1 g
           where ${STANDING} and g.account = any($4::uuid[]) and ($5::text[] is null or g.role = any($5::text[]))
           order by g.granted_pos, g.grant_id`,
    values: [tenant, asOf, knownAt, accounts, roles ?? null],
  });
  return rows;
}

/** A place in the order in which grants were given. */
interface GrantPlace {
  readonly position: number;
  readonly grant: string;
}

/** Grants that one statement looks at, of which most may have ended. */
const LOOKED_AT_ONCE = 2_000;

/** Comes before, and after, every grant of a position. */
const FIRST_GRANT = '00000000-0000-0000-0000-000000000000';
const LAST_GRANT = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/**
 * Grants of one role that stood at the instant of the question, in the order in which they were given; looked for stretch by stretch until
 * there are enough, however many have ended. @param query.limit 1–1,000
 */
export async function standingGrantsOfRole(
  database: Queryable,
  { tenant, asOf, knownAt }: Asked,
  { role, after, limit }: { readonly role: string; readonly after: GrantPlace | null; readonly limit: number },
): Promise<StandingGrant[]> {
  const found: StandingGrant[] = [];
  let place: GrantPlace | null = after ?? { position: -1, grant: FIRST_GRANT };
  while (place !== null && found.length < limit) {
    const through = await endOfStretch(database, tenant, role, place);
    const { rows } = await database.query<StandingGrant>({
      name: 'reports.standing_grants_of_role',
      text: `select ${COLUMNS} from read_model.grants_v1 g
             where ${STANDING} and g.role = $4 and (g.granted_pos, g.grant_id) > ($5::bigint, $6::uuid)
               and g.granted_pos <= coalesce($7::bigint, $3::bigint)
             order by g.granted_pos, g.grant_id limit $8`,
      values: [tenant, asOf, knownAt, role, place.position, place.grant, through, limit - found.length],
    });
    found.push(...rows);
    place = through === null || through >= knownAt ? null : { position: through, grant: LAST_GRANT };
  }
  return found;
}

/** Position of the last grant of a stretch; null in the last stretch. */
async function endOfStretch(
  database: Queryable,
  tenant: string,
  role: string,
  after: GrantPlace,
): Promise<number | null> {
  const { rows } = await database.query<{ position: number }>({
    name: 'reports.end_of_stretch_of_role',
    text: `select granted_pos as position from read_model.grants_v1
           where tenant = $1 and role = $2 and (granted_pos, grant_id) > ($3::bigint, $4::uuid)
           order by granted_pos, grant_id offset ${LOOKED_AT_ONCE} limit 1`,
    values: [tenant, role, after.position, after.grant],
  });
  return rows[0]?.position ?? null;
}

/** Those of some grants that the read model knew at the position, ended or not. */
export async function grantsKnown(
  database: Queryable,
  { tenant, knownAt }: Asked,
  grants: readonly string[],
): Promise<ReadonlySet<string>> {
  if (grants.length === 0) return new Set();
  const { rows } = await database.query<{ grant_id: string }>({
    name: 'reports.grants_known',
    text: `select distinct grant_id from read_model.grants_v1 where grant_id = any($1::uuid[]) and tenant = $2 and from_pos <= $3`,
    values: [grants, tenant, knownAt],
  });
  return new Set(rows.map(({ grant_id }) => grant_id));
}
