import type { Queryable } from '#libs/database';
import type { Question } from '../../question.js';

/** A grant as known at the question's position. Instants as Dates. */
export interface WalkedGrant {
  readonly grant: string;
  readonly account: string;
  readonly role: string;
  readonly sourceKind: string;
  readonly connection: string | null;
  readonly connectionVersion: number | null;
  readonly rule: string | null;
  readonly ruleVersion: number | null;
  /** Inclusive. */
  readonly from: Date;
  /** Exclusive; null while nothing ends it. */
  readonly until: Date | null;
  /** Of the event that gave it; the order of the walk, together with the grant. */
  readonly position: number;
  readonly event: string;
  /** The sign-in that led to it. */
  readonly evidence: string | null;
  readonly revokedPosition: number | null;
  /** Position of the last event that changed it. */
  readonly knownFrom: number;
}

/** Where the walk goes on: behind this grant. */
export type GrantPlace = Pick<WalkedGrant, 'position' | 'grant'>;

/** Grants that one statement brings. */
export const GRANTS_PER_PAGE = 250;

const COLUMNS = `grant_id as "grant", account, role, source_kind as "sourceKind", source_connection as connection,
  source_connection_version as "connectionVersion", source_rule as rule, source_rule_version as "ruleVersion", valid_from as "from",
  valid_to as until, granted_pos as position, granted_event as event, granted_evidence as evidence, revoked_pos as "revokedPosition",
  from_pos as "knownFrom"`;

/**
 * The next grants that were ever given, ended ones too, in the order in which they were given. Of the filter, account and role are looked up;
 * whatever else it asks for is left to the caller.
 */
export async function nextGrants(
  database: Queryable,
  { tenant, knownAt, filter }: Question,
  after: GrantPlace | null,
): Promise<readonly WalkedGrant[]> {
  const conditions = narrowed(filter, 5);
  const { rows } = await database.query<WalkedGrant>({
    // prepared once where it is asked thousands of times
    ...(conditions === '' ? { name: 'reports.next_grants' } : {}),
    text: `select ${COLUMNS} from read_model.grants_v1
     where tenant = $1 and granted_pos <= $2::bigint and from_pos <= $2::bigint and (to_pos is null or $2::bigint < to_pos)
       and (granted_pos, grant_id) > ($3::bigint, $4::uuid) ${conditions}
     order by granted_pos, grant_id limit ${GRANTS_PER_PAGE}`,
    values: [tenant, knownAt, after?.position ?? -1, after?.grant ?? NO_GRANT, ...narrowing(filter)],
  });
  return rows;
}

const NO_GRANT = '00000000-0000-0000-0000-000000000000';

/** Conditions on a grant that an index serves. @param place number of the first value's place */
export function narrowed({ account, role }: Question['filter'], place: number): string {
  const conditions = [...(account ? ['account = $::uuid'] : []), ...(role ? ['role = $'] : [])];
  return conditions.map((condition, index) => `and ${condition.replace('$', `$${place + index}`)}`).join(' ');
}

/** The values of `narrowed`. */
export const narrowing = ({ account, role }: Question['filter']): readonly string[] =>
  [account, role].filter((value) => value !== undefined);
