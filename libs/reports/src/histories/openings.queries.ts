import type { Queryable } from '#libs/database';
import type { EventPlace } from '#libs/read-model';
import { POSITIONS_PER_STATEMENT } from '../events/event-places.queries.js';
import type { Question } from '../question.js';

/** An event of the log's index with which something begins. */
export type Opening = EventPlace & {
  /** The account that it is about, where it is one. */
  readonly account: string | null;
  readonly connection: string | null;
  readonly recorded_at: Date;
};

/** Which openings: events of one type that had been recorded by the end of the question, and were known then. */
export interface Openings {
  readonly type: string;
  /** Only those that begin their stream: others of the type in the same stream are about the same thing. */
  readonly beginsStream?: boolean;
  /** Whether only those within the period count; without it, everything up to its end does. */
  readonly withinPeriod?: boolean;
}

type Asked = Pick<Question, 'tenant' | 'asOf' | 'knownAt' | 'from'>;

const COLUMNS =
  'position, tenant, tenant_position, event_id, stream, revision, sealed_at, account, connection, recorded_at';

const WITHIN = `
  tenant = $1 and type = $2 and position > $3 and position <= $4 and recorded_at <= $5::timestamptz
  and ($6::timestamptz is null or recorded_at > $6::timestamptz) and (not $7::boolean or revision = 0)`;

/** A stretch of the log for one statement: what other tenants have in it, and what is older than the period, is looked at as well. */
const valuesOf = ({ tenant, asOf, knownAt, from }: Asked, openings: Openings, after: number): unknown[] => [
  tenant,
  openings.type,
  after,
  Math.min(after + POSITIONS_PER_STATEMENT, knownAt),
  asOf,
  openings.withinPeriod ? from : null,
  openings.beginsStream ?? false,
];

/** Finds openings after a position, in the order of the log, stretch by stretch until there are enough. @param limit 1–1,000 */
export async function findOpenings(
  database: Queryable,
  question: Asked,
  openings: Openings,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<Opening[]> {
  const found: Opening[] = [];
  for (let at = after; at < question.knownAt && found.length < limit; at += POSITIONS_PER_STATEMENT) {
    const { rows } = await database.query<Opening>({
      name: 'reports.openings',
      text: `select ${COLUMNS} from read_model.events_v1 where ${WITHIN} order by position limit $8`,
      values: [...valuesOf(question, openings, at), limit - found.length],
    });
    found.push(...rows);
  }
  return found;
}

/** Counts openings, stretch by stretch: no statement looks at more than it can within a moment. */
export async function countOpenings(database: Queryable, question: Asked, openings: Openings): Promise<number> {
  let count = 0;
  for (let after = -1; after < question.knownAt; after += POSITIONS_PER_STATEMENT) {
    const { rows } = await database.query<{ count: number | string }>({
      name: 'reports.count_openings',
      text: `select count(*) as count from read_model.events_v1 where ${WITHIN}`,
      values: valuesOf(question, openings, after),
    });
    count += Number(rows[0]?.count);
  }
  return count;
}

/** Which events about accounts. */
export interface EventsAbout {
  /** At most 500. */
  readonly accounts: readonly string[];
  readonly types: readonly string[];
  readonly after: number;
  /** 1–1,000. */
  readonly limit: number;
}

/**
 * Finds events about accounts after a position, in the order of the log, recorded (if it has an instant) and known by the end of the question. Each account is looked
 * up by itself: whatever the planner believes of the types, it must not walk through the whole log for them.
 */
export async function findEventsAbout(
  database: Queryable,
  { tenant, asOf, knownAt }: Pick<Question, 'tenant' | 'knownAt'> & { readonly asOf: string | null },
  { accounts, types, after, limit }: EventsAbout,
): Promise<Opening[]> {
  const { rows } = await database.query<Opening>({
    name: 'reports.events_about',
    text: `select found.* from unnest($2::uuid[]) asked(id) cross join lateral (
             select ${COLUMNS} from read_model.events_v1
             where account = asked.id and tenant = $1 and type = any($3::text[]) and position > $4 and position <= $5
               and ($6::timestamptz is null or recorded_at <= $6::timestamptz)
             order by position limit $7) found
           order by found.position limit $7`,
    values: [tenant, accounts, types, after, knownAt, asOf, limit],
  });
  return rows;
}

/** When events were recorded, by id; those that the log did not have by the position are left out. */
export async function recordedAtOf(
  database: Queryable,
  { tenant, knownAt }: Asked,
  events: readonly string[],
): Promise<ReadonlyMap<string, Date>> {
  if (events.length === 0) return new Map();
  const { rows } = await database.query<{ event_id: string; recorded_at: Date }>({
    name: 'reports.recorded_at_of',
    text: `select event_id, recorded_at from read_model.events_v1
           where event_id = any($1::uuid[]) and tenant = $2 and position <= $3`,
    values: [events, tenant, knownAt],
  });
  return new Map(rows.map(({ event_id, recorded_at }) => [event_id, recorded_at]));
}
